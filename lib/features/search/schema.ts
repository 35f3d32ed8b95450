import { z } from "zod"
import { searchProviderIds } from "#lib/catalog/search-providers.ts"
import { usdAmount } from "#lib/ledger/rates.ts"

const URL_CHARACTERS_MAX = 2_000
const SECRET_CHARACTERS_MAX = 1_000

/** A switch of a form sends "on", a file a boolean. */
const flag = z.union([z.boolean(), z.enum(["on", "true", "false"]).transform((value) => value !== "false")])

/** The installation's own web search; the same in the form and in turnpike.yaml. */
export const searchInput = z.strictObject({
  provider: z.enum(searchProviderIds as [string, ...string[]], { error: "errors.search.provider" }).describe("tavily, brave, or searxng (an instance of your own)"),
  apiKey: z.string().trim().min(1).max(SECRET_CHARACTERS_MAX).optional().describe("Not for searxng"),
  baseUrl: z.string().trim().max(URL_CHARACTERS_MAX).optional().describe("Needed for searxng; otherwise in place of the vendor's own"),
  price: usdAmount.describe("What one search costs, in USD"),
  allowPrivateNetwork: flag.default(false),
})
export type SearchInput = z.output<typeof searchInput>

export const removeSearchInput = z.object({})
