import { crc32 } from "node:zlib"
import type { OpenLine, SettleLine } from "#lib/gateway/spool-lines.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { decodeRates, encodeRates, type Rates } from "#lib/ledger/rates.ts"
import type { SettledPart } from "#lib/quota/types.ts"

/** One line of the spool. A price stands in every segment before the first line that names it, so that each segment explains itself. */
export type SpoolLine =
  | { readonly kind: "open"; readonly line: OpenLine }
  | { readonly kind: "settle"; readonly line: SettleLine }
  | { readonly kind: "price"; readonly id: Id<"priceVersion">; readonly rates: Rates }

// A line is `<CRC-32 of the rest, 8 hex digits> <o|s|p> <JSON>\n`. Amounts are decimal strings, quota parts [id, start, amount].

export function encodeOpen(line: OpenLine): string {
  return framed("o", JSON.stringify({ ...line, holdNanoUsd: line.holdNanoUsd.toString(), holdParts: encodeParts(line.holdParts) }))
}

export function encodeSettle(line: SettleLine): string {
  return framed(
    "s",
    JSON.stringify({
      ...line,
      costNanoUsd: line.costNanoUsd.toString(),
      chargedNanoUsd: line.chargedNanoUsd.toString(),
      absorbedNanoUsd: line.absorbedNanoUsd.toString(),
      parts: encodeParts(line.parts),
    }),
  )
}

export function encodePrice(id: Id<"priceVersion">, rates: Rates): string {
  return framed("p", `["${id}",${encodeRates(rates)}]`)
}

/** Reads one line without its end. Null: it is torn or damaged, or of a kind that this version does not know. */
export function decodeLine(text: string): SpoolLine | null {
  const body = text.slice(9)
  if (text[8] !== " " || !/^[0-9a-f]{8}$/.test(text.slice(0, 8)) || crc32(body) !== Number.parseInt(text.slice(0, 8), 16)) return null
  const json: unknown = JSON.parse(body.slice(2))
  switch (body.charAt(0)) {
    case "o":
      return { kind: "open", line: decodeOpen(json as Encoded<OpenLine>) }
    case "s":
      return { kind: "settle", line: decodeSettle(json as Encoded<SettleLine>) }
    case "p": {
      const [id, rates] = json as [Id<"priceVersion">, unknown]
      return { kind: "price", id, rates: decodeRates(rates) }
    }
    default:
      return null
  }
}

type EncodedPart = readonly [Id<"quota">, number, string]
/** What JSON makes of a line: the checksum says that we wrote it, so its shape is not checked again. */
type Encoded<T> = { readonly [K in keyof T]: T[K] extends bigint ? string : T[K] extends readonly SettledPart[] ? readonly EncodedPart[] : T[K] }

const framed = (kind: "o" | "s" | "p", json: string): string => {
  const body = `${kind} ${json}`
  return `${crc32(body).toString(16).padStart(8, "0")} ${body}\n`
}

const encodeParts = (parts: readonly SettledPart[]): readonly EncodedPart[] => parts.map((part) => [part.quotaId, part.windowStart, part.used.toString()])

const decodeParts = (parts: readonly EncodedPart[]): readonly SettledPart[] => parts.map(([quotaId, windowStart, used]) => ({ quotaId, windowStart, used: BigInt(used) }))

/** Lines of versions before coding plans were told apart say nothing of it. */
const decodeOpen = (json: Encoded<OpenLine>): OpenLine => ({ ...json, plan: (json.plan as boolean | undefined) ?? false, holdNanoUsd: BigInt(json.holdNanoUsd), holdParts: decodeParts(json.holdParts) })

const decodeSettle = (json: Encoded<SettleLine>): SettleLine => ({
  ...json,
  costNanoUsd: BigInt(json.costNanoUsd),
  chargedNanoUsd: BigInt(json.chargedNanoUsd),
  absorbedNanoUsd: BigInt(json.absorbedNanoUsd),
  parts: decodeParts(json.parts),
})
