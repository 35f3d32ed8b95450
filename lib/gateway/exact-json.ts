import { formatUsd } from "#lib/kernel/nano-usd.ts"

/** `JSON.rawJSON` (V8 11.4): a number as exactly these digits. TypeScript's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(digits: string): unknown }

/** JSON in which amounts (`bigint`, nano-USD) are numbers of dollars with up to nine exact decimals, never floating point. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? rawJSON(formatUsd(member, 0)) : member))
