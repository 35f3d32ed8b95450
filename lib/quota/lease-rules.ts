/** How long a lease lives without being renewed. */
export const LEASE_MS = 15 * 60_000
/** The owner stops spending this long before the database would call the lease expired. */
export const LEASE_MARGIN_MS = 5_000
/** A lease that was not touched for so long goes back to the others. */
export const LEASE_IDLE_MS = 2_000
/** Of what is available, a growth takes this part ahead of need, so that growths get rarer with the traffic … */
export const SLICE_DIVISOR = 8n
/** … and at most this much, so that one dead process does not fence a large wallet. $20. */
export const SLICE_NANO_USD_MAX = 20_000_000_000n
/** … and any part of what is not money. Half of BIGINT's range, so that the sum with what is wanted stays in it. */
export const SLICE_MAX = 2n ** 62n
/** How often a request asks again because others took what was granted for it. */
export const GROWTHS_PER_REQUEST_MAX = 8
/** How often a request that would be refused asks the others for what they do not need: what came back may have gone to a third. */
export const RECALLS_PER_REQUEST_MAX = 3
/** For more than the least that a request needs, a window is recalled no more often than this. */
export const RECALL_EVERY_MS = 500
/** How long a process that was recalled leaves the rest to the others: longer than who is short needs to ask again. */
export const YIELD_MS = 1_000
/** Holds that can grow again are cut down to their need no more often than this: in between there is nothing to be had. */
export const SQUEEZE_EVERY_MS = 20
