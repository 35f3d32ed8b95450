/**
 * How a vendor of web search is asked and answers, as data. `results` is the way to the list in its answer, `fields` what a result's
 * members are called; `excerpts`: a list of further texts of the page.
 */
export type SearchProvider = {
  readonly id: string
  readonly name: string
  /** Null: everybody runs their own. */
  readonly baseUrl: string | null
  readonly path: string
  readonly method: "GET" | "POST"
  /** Null: it needs no secret. */
  readonly auth: SearchAuth | null
  readonly query: string
  /** Members of every request. */
  readonly always: Readonly<Record<string, string | number>>
  /** Lists of domains; null: they are written into the query as `site:`. */
  readonly domains: { readonly allowed: string; readonly blocked: string } | null
  readonly queryCharactersMax: number
  readonly results: readonly string[]
  readonly fields: { readonly excerpt: string; readonly excerpts?: string; readonly age: string }
  readonly source: string
}

/** The header that presents the secret, and what stands before it there. */
type SearchAuth = { readonly header: string; readonly prefix: string }

/** Results of one search: as many as Anthropic's own search brings (web search tool guide, example). */
const RESULTS = 10

export const searchProviders = [
  {
    id: "tavily",
    name: "Tavily",
    baseUrl: "https://api.tavily.com",
    path: "/search",
    method: "POST",
    auth: { header: "authorization", prefix: "Bearer " },
    query: "query",
    always: { max_results: RESULTS, search_depth: "basic" },
    domains: { allowed: "include_domains", blocked: "exclude_domains" },
    queryCharactersMax: 400,
    results: ["results"],
    fields: { excerpt: "content", age: "published_date" },
    source: "https://docs.tavily.com/documentation/api-reference/endpoint/search",
  },
  {
    id: "brave",
    name: "Brave Search",
    baseUrl: "https://api.search.brave.com",
    path: "/res/v1/web/search",
    method: "GET",
    auth: { header: "x-subscription-token", prefix: "" },
    query: "q",
    always: { count: RESULTS, result_filter: "web", text_decorations: "false" },
    domains: null,
    queryCharactersMax: 400,
    results: ["web", "results"],
    fields: { excerpt: "description", excerpts: "extra_snippets", age: "page_age" },
    source: "https://api-dashboard.search.brave.com/app/documentation/web-search/query",
  },
  {
    id: "searxng",
    name: "SearXNG",
    baseUrl: null,
    path: "/search",
    method: "GET",
    auth: null,
    query: "q",
    always: { format: "json" },
    domains: null,
    queryCharactersMax: 2_000,
    results: ["results"],
    fields: { excerpt: "content", age: "publishedDate" },
    source: "https://docs.searxng.org/dev/search_api.html (the instance's settings.yml must list json among search.formats)",
  },
] as const satisfies readonly SearchProvider[]

export type SearchProviderId = (typeof searchProviders)[number]["id"]

export const searchProviderIds: readonly SearchProviderId[] = searchProviders.map(({ id }) => id)

export const findSearchProvider = (id: string): SearchProvider | null => searchProviders.find((provider) => provider.id === id) ?? null
