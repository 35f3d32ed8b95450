import { allowancesAhead, type SubscriptionDetail } from "#lib/features/plans/index.ts"
import { type Forecast, HORIZON_MS } from "#lib/features/usage/index.ts"
import { creditsInOrder, type WalletBalance } from "#lib/features/wallet/index.ts"
import type { Actor } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Container } from "./container.ts"

type Holder = { readonly organizationId: Id<"organization">; readonly timeZone: string; readonly balance: WalletBalance | null; readonly plan: SubscriptionDetail | null }

/** How long an organization's wallet lasts at the present pace, with what its plan will give it; null where nothing can be said of it. */
export async function walletForecast({ usage, clock }: Pick<Container, "usage" | "clock">, actor: Actor, { organizationId, timeZone, balance, plan }: Holder): Promise<Forecast | null> {
  if (balance === null) return null
  const ahead = plan === null ? [] : allowancesAhead(plan, timeZone, clock.now() + HORIZON_MS)
  return usage.walletForecast(actor, organizationId, [...creditsInOrder(balance), ...ahead])
}
