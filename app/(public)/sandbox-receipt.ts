import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { type Charge, charge, roundUp } from "#lib/ledger/charge.ts"
import { listPrice } from "#lib/ledger/list-price.ts"

/** A small call: about the size of the first call's question and its answer. */
const EXAMPLE = { input: 13, output: 9 } as const

export type SandboxReceipt = {
  readonly lines: readonly { readonly unit: Charge["lines"][number]["unit"]; readonly count: number; readonly priceNanoUsd: bigint; readonly amountNanoUsd: bigint }[]
  readonly totalNanoUsd: bigint
}

/** What the example call is charged at the sandbox's price: worked out by the books themselves, so that it is never untrue. */
export function sandboxReceipt(): SandboxReceipt | null {
  const rates = listPrice(SANDBOX_MODEL, SANDBOX_MODEL)
  if (rates === null) return null
  const { lines, nanoUsd } = charge(EXAMPLE, rates, { admittedAtMs: 0 })
  return {
    lines: lines.map(({ unit, quantity, rate, numerator }) => ({ unit, count: Number(quantity), priceNanoUsd: rate, amountNanoUsd: roundUp(numerator, null) })),
    totalNanoUsd: nanoUsd,
  }
}
