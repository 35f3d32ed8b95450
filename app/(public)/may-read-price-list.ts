import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"

/** An installation that takes in strangers shows them its prices; a closed one shows them to its own people. */
export async function mayReadPriceList(): Promise<boolean> {
  return container().env.TURNPIKE_SIGNUP === "open" || (await currentPerson()) !== null
}
