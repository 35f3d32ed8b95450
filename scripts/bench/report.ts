/** One round of one way to the upstream. CPU in microseconds, latencies in microseconds. `cpu` is null where no server stands between. */
export type Round = {
  readonly one: { readonly cpu: number | null; readonly callsPerSecond: number; readonly p50: number; readonly p99: number }
  readonly many: { readonly cpu: number | null; readonly callsPerSecond: number; readonly p50: number; readonly p99: number }
  readonly stream: { readonly cpu: number | null; readonly p50: number; readonly p99: number; readonly firstByteP50: number }
}

/** What 1,000 open streams add, in bytes: all that the process holds, and what a collection leaves standing. */
export type Memory = { readonly residentBytes: number; readonly liveBytes: number }

const forwarded = ["direct", "bare", "fast", "next"] as const
/** Through the fast mount to a channel of another dialect: a CC client's call to AM, and the other way. */
export const translated = ["ccToAm", "amToCc"] as const
export const ways = [...forwarded, ...translated] as const
export type Way = (typeof ways)[number]

export type Measured = { readonly rounds: Readonly<Record<Way, readonly Round[]>>; readonly memory: Readonly<Record<Exclude<Way, "direct">, Memory>> }

/** What the project promises for the fast mount, as ratios to the bare pass-through (docs/performance.md). */
export const targets = { cpuPerCall: 2.5, cpuPerStream: 1.8, memory: 2 } as const
/** And for a translated call, as ratios to the raw lane on the same mount; the first byte in microseconds behind the raw lane's. */
export const translatedTargets = { cpuPerCall: 2, cpuPerStream: 2.5, memory: 1.5, firstByteLater: 1_000 } as const
/** For a coding agent's request of 130 KB, decoded and encoded: CPU microseconds. */
export const AGENT_REQUEST_MICROS_MAX = 3_000

export function percentile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new Error("no measurement to take a percentile of")
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) throw new Error("no measurement to take a median of")
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Medians over the rounds: one slow round of a noisy machine moves nothing. */
export function summarize({ rounds, memory }: Measured) {
  const over = (way: Way, pick: (round: Round) => number | null): number | null => {
    const values = rounds[way].map(pick).filter((value) => value !== null)
    return values.length === 0 ? null : median(values)
  }
  const summary = (way: Way) => ({
    cpuPerCall1: over(way, (round) => round.one.cpu),
    cpuPerCall32: over(way, (round) => round.many.cpu),
    callsPerSecond1: over(way, (round) => round.one.callsPerSecond)!,
    callsPerSecond32: over(way, (round) => round.many.callsPerSecond)!,
    addedP50At1: over(way, (round) => round.one.p50)! - over("direct", (round) => round.one.p50)!,
    addedP99At1: over(way, (round) => round.one.p99)! - over("direct", (round) => round.one.p99)!,
    addedP50At32: over(way, (round) => round.many.p50)! - over("direct", (round) => round.many.p50)!,
    addedP99At32: over(way, (round) => round.many.p99)! - over("direct", (round) => round.many.p99)!,
    cpuPerStream: over(way, (round) => round.stream.cpu),
    firstByteP50: over(way, (round) => round.stream.firstByteP50)!,
    residentPerThousandStreams: way === "direct" ? null : memory[way].residentBytes,
    livePerThousandStreams: way === "direct" ? null : memory[way].liveBytes,
  })
  const ways = { direct: summary("direct"), bare: summary("bare"), fast: summary("fast"), next: summary("next"), ccToAm: summary("ccToAm"), amToCc: summary("amToCc") }
  const ratios = (way: "fast" | "next") => ({
    cpuPerCall1: ways[way].cpuPerCall1! / ways.bare.cpuPerCall1!,
    cpuPerCall32: ways[way].cpuPerCall32! / ways.bare.cpuPerCall32!,
    cpuPerStream: ways[way].cpuPerStream! / ways.bare.cpuPerStream!,
    memory: ways[way].residentPerThousandStreams! / ways.bare.residentPerThousandStreams!,
    liveMemory: ways[way].livePerThousandStreams! / ways.bare.livePerThousandStreams!,
  })
  const toRaw = (way: (typeof translated)[number]) => ({
    cpuPerCall32: ways[way].cpuPerCall32! / ways.fast.cpuPerCall32!,
    cpuPerStream: ways[way].cpuPerStream! / ways.fast.cpuPerStream!,
    liveMemory: ways[way].livePerThousandStreams! / ways.fast.livePerThousandStreams!,
    firstByteLater: ways[way].firstByteP50 - ways.fast.firstByteP50,
  })
  return { ways, ratios: { fast: ratios("fast"), next: ratios("next") }, translated: { ccToAm: toRaw("ccToAm"), amToCc: toRaw("amToCc") } }
}

export type Summary = ReturnType<typeof summarize>

export type Promised = { readonly name: string; readonly figure: number; readonly max: number; readonly unit: string; readonly reached: boolean }

/** Which of the promises hold, with the figure that decides. */
export function judge({ ratios: { fast }, translated: lanes }: Summary): readonly Promised[] {
  const toBare = "× the bare pass-through"
  const toRaw = "× the raw lane"
  const rows = [
    { name: "CPU per unstreamed call", figure: fast.cpuPerCall32, max: targets.cpuPerCall, unit: toBare },
    { name: "CPU per 200-chunk stream", figure: fast.cpuPerStream, max: targets.cpuPerStream, unit: toBare },
    // What a collection leaves: after a warm-up the heap has room to spare, and what is resident grows by little and by chance.
    { name: "memory of 1,000 open streams", figure: fast.liveMemory, max: targets.memory, unit: toBare },
    ...translated.flatMap((way) => [
      { name: `${wayNames[way]}, CPU per unstreamed call`, figure: lanes[way].cpuPerCall32, max: translatedTargets.cpuPerCall, unit: toRaw },
      { name: `${wayNames[way]}, CPU per 200-chunk stream`, figure: lanes[way].cpuPerStream, max: translatedTargets.cpuPerStream, unit: toRaw },
      { name: `${wayNames[way]}, memory of 1,000 open streams`, figure: lanes[way].liveMemory, max: translatedTargets.memory, unit: toRaw },
      { name: `${wayNames[way]}, first byte of a stream`, figure: lanes[way].firstByteLater, max: translatedTargets.firstByteLater, unit: "µs behind the raw lane" },
    ]),
  ]
  return rows.map((row) => ({ ...row, reached: row.figure <= row.max }))
}

const wayNames = { ccToAm: "CC to AM", amToCc: "AM to CC" } as const satisfies Record<(typeof translated)[number], string>

const micros = (value: number | null) => (value === null ? "–" : value.toFixed(0))
const mebibytes = (value: number | null) => (value === null ? "–" : (value / 1024 / 1024).toFixed(1))
const times = (value: number) => `${value.toFixed(2)} ×`

/** The translated ways beside the raw lane, as a Markdown table. */
export function translatedTable({ ways: summaries, translated: lanes }: Summary): string {
  const columns = ["fast", ...translated] as const
  const row = (name: string, pick: (summary: Summary["ways"][Way]) => string, ratio: (way: (typeof translated)[number]) => string) =>
    `| ${[name, ...columns.map((way) => pick(summaries[way])), ...translated.map(ratio)].join(" | ")} |`
  return [
    "| | raw lane | CC to AM | AM to CC | CC to AM ÷ raw | AM to CC ÷ raw |",
    "|---|--:|--:|--:|--:|--:|",
    row("CPU µs per call, 32 connections", (summary) => micros(summary.cpuPerCall32), (way) => times(lanes[way].cpuPerCall32)),
    row("CPU µs per 200-chunk stream", (summary) => micros(summary.cpuPerStream), (way) => times(lanes[way].cpuPerStream)),
    row("first byte of a stream µs, p50", (summary) => micros(summary.firstByteP50), (way) => `${micros(lanes[way].firstByteLater)} µs later`),
    row("MiB that 1,000 open streams add (live)", (summary) => mebibytes(summary.livePerThousandStreams), (way) => times(lanes[way].liveMemory)),
  ].join("\n")
}

/** What is forwarded as it is, as a Markdown table, as it stands in docs/performance.md. */
export function table({ ways: summaries, ratios }: Summary): string {
  const row = (name: string, pick: (summary: Summary["ways"][Way]) => string, ratio?: keyof Summary["ratios"]["fast"]) =>
    `| ${[name, ...forwarded.map((way) => pick(summaries[way])), ...(ratio ? [times(ratios.fast[ratio]), times(ratios.next[ratio])] : ["", ""])].join(" | ")} |`
  return [
    "| | upstream directly | bare pass-through | fast mount | Next mount | fast ÷ bare | Next ÷ bare |",
    "|---|--:|--:|--:|--:|--:|--:|",
    row("CPU µs per call, 1 connection", (summary) => micros(summary.cpuPerCall1), "cpuPerCall1"),
    row("CPU µs per call, 32 connections", (summary) => micros(summary.cpuPerCall32), "cpuPerCall32"),
    row("calls/s, 1 connection", (summary) => micros(summary.callsPerSecond1)),
    row("calls/s, 32 connections", (summary) => micros(summary.callsPerSecond32)),
    row("added latency µs, 1 connection, p50 / p99", (summary) => `${micros(summary.addedP50At1)} / ${micros(summary.addedP99At1)}`),
    row("added latency µs, 32 connections, p50 / p99", (summary) => `${micros(summary.addedP50At32)} / ${micros(summary.addedP99At32)}`),
    row("CPU µs per 200-chunk stream", (summary) => micros(summary.cpuPerStream), "cpuPerStream"),
    row("MiB that 1,000 open streams add (resident)", (summary) => mebibytes(summary.residentPerThousandStreams), "memory"),
    row("MiB that 1,000 open streams add (live)", (summary) => mebibytes(summary.livePerThousandStreams), "liveMemory"),
  ].join("\n")
}
