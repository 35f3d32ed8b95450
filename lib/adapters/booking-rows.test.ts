import { describe, expect, it } from "vitest"
import { openLine, settleLine } from "#test/money.ts"
import { recordLots } from "./booking-rows.ts"
import type { UsageEntry } from "./spool.ts"

const entry = (over: Parameters<typeof openLine>[0]): UsageEntry => {
  const open = openLine(over)
  return { open, settle: settleLine({ requestId: open.requestId, chargedNanoUsd: 70n }), prices: [] }
}
const postings = new Map([["org_a", "post_a"]] as const)

describe("recordLots", () => {
  it("names what calls share once, and each call in its own lot where they differ in any of it", () => {
    const [first, other, second] = [entry({ organizationId: "org_a" }), entry({ organizationId: "org_a", model: "another" }), entry({ organizationId: "org_a" })]
    const lots = recordLots([first, other, second], postings)
    expect(lots.map(({ shared, records }) => [shared.model, records.map(({ id }) => id)])).toEqual([
      [first.open.model, [first.open.requestId, second.open.requestId]],
      ["another", [other.open.requestId]],
    ])
  })

  it("names its organization's posting with each call that has an amount, and none with a test call", () => {
    const lots = recordLots([entry({ organizationId: "org_a" }), entry({ organizationId: "org_a", test: true }), entry({ organizationId: "org_b" })], postings)
    expect(lots.map(({ records }) => records.map((record) => record.posting_id))).toEqual([["post_a"], [null], [null]])
  })
})
