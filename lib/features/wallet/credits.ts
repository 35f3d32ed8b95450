import type { Credit } from "#lib/features/usage/index.ts"
import type { WalletBalance } from "./service.ts"

/** A balance in the order in which it is used: the lots as they come, without those that have ended, then paid credit. */
export const creditsInOrder = ({ lots, paidNanoUsd }: Pick<WalletBalance, "lots" | "paidNanoUsd">): readonly Credit[] => [
  ...lots.filter(({ ended }) => !ended).map(({ remainingNanoUsd, expiresAt }) => ({ remaining: remainingNanoUsd, endsAtMs: expiresAt?.getTime() ?? null })),
  { remaining: paidNanoUsd, endsAtMs: null },
]
