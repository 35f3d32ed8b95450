/** One round of one way to the upstream. CPU in microseconds, latencies in microseconds. `cpu` is null where no server stands between. */
export type Round = {
  readonly one: { readonly cpu: number | null; readonly callsPerSecond: number; readonly p50: number; readonly p99: number }
  readonly many: { readonly cpu: number | null; readonly callsPerSecond: number; readonly p50: number; readonly p99: number }
  readonly stream: { readonly cpu: number | null; readonly p50: number; readonly p99: number }
}

/** What 1,000 open streams add, in bytes: all that the process holds, and what a collection leaves standing. */
export type Memory = { readonly residentBytes: number; readonly liveBytes: number }

export const ways = ["direct", "bare", "fast", "next"] as const
export type Way = (typeof ways)[number]

export type Measured = { readonly rounds: Readonly<Record<Way, readonly Round[]>>; readonly memory: Readonly<Record<Exclude<Way, "direct">, Memory>> }

/** What the project promises for the fast mount, as ratios to the bare pass-through (docs/performance.md). */
export const targets = { cpuPerCall: 2.5, cpuPerStream: 1.8, memory: 2 } as const

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
    residentPerThousandStreams: way === "direct" ? null : memory[way].residentBytes,
    livePerThousandStreams: way === "direct" ? null : memory[way].liveBytes,
  })
  const ways = { direct: summary("direct"), bare: summary("bare"), fast: summary("fast"), next: summary("next") }
  const ratios = (way: "fast" | "next") => ({
    cpuPerCall1: ways[way].cpuPerCall1! / ways.bare.cpuPerCall1!,
    cpuPerCall32: ways[way].cpuPerCall32! / ways.bare.cpuPerCall32!,
    cpuPerStream: ways[way].cpuPerStream! / ways.bare.cpuPerStream!,
    memory: ways[way].residentPerThousandStreams! / ways.bare.residentPerThousandStreams!,
    liveMemory: ways[way].livePerThousandStreams! / ways.bare.livePerThousandStreams!,
  })
  return { ways, ratios: { fast: ratios("fast"), next: ratios("next") } }
}

export type Summary = ReturnType<typeof summarize>

/** Which of the promises hold, with the figure that decides. */
export function judge({ ratios: { fast } }: Summary): readonly { readonly name: string; readonly ratio: number; readonly max: number; readonly reached: boolean }[] {
  const rows = [
    { name: "CPU per unstreamed call", ratio: fast.cpuPerCall32, max: targets.cpuPerCall },
    { name: "CPU per 200-chunk stream", ratio: fast.cpuPerStream, max: targets.cpuPerStream },
    // What a collection leaves: after a warm-up the heap has room to spare, and what is resident grows by little and by chance.
    { name: "memory of 1,000 open streams", ratio: fast.liveMemory, max: targets.memory },
  ]
  return rows.map((row) => ({ ...row, reached: row.ratio <= row.max }))
}

/** The summary as a Markdown table, as it stands in docs/performance.md. */
export function table({ ways: summaries, ratios }: Summary): string {
  const micros = (value: number | null) => (value === null ? "–" : value.toFixed(0))
  const mebibytes = (value: number | null) => (value === null ? "–" : (value / 1024 / 1024).toFixed(1))
  const times = (value: number) => `${value.toFixed(2)} ×`
  const row = (name: string, pick: (summary: Summary["ways"][Way]) => string, ratio?: keyof Summary["ratios"]["fast"]) =>
    `| ${[name, ...ways.map((way) => pick(summaries[way])), ...(ratio ? [times(ratios.fast[ratio]), times(ratios.next[ratio])] : ["", ""])].join(" | ")} |`
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
