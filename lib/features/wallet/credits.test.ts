import { expect, test } from "vitest"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { creditsInOrder } from "./credits.ts"
import type { LotView } from "./service.ts"

const lot = (remaining: bigint, expiresAt: Date | null, ended = false): LotView => ({ id: "lot_1", kind: "walletPromotional", expiresAt, ended, reason: "", amountNanoUsd: nanoUsd(remaining), remainingNanoUsd: nanoUsd(remaining) })

test("credit that may end comes before what was paid, and what has ended is not counted", () => {
  const end = new Date(Date.UTC(2026, 11, 1))
  expect(creditsInOrder({ lots: [lot(5n, end), lot(7n, null), lot(9n, end, true)], paidNanoUsd: nanoUsd(11n) })).toEqual([
    { remaining: 5n, endsAtMs: end.getTime() },
    { remaining: 7n, endsAtMs: null },
    { remaining: 11n, endsAtMs: null },
  ])
})
