import { expect, test } from "vitest"
import { findSearchProvider, type SearchProvider, searchProviders } from "#lib/catalog/search-providers.ts"
import type { Question } from "#lib/wire/rounds.ts"
import { askSearch, requestOf, resultsOf, type SearchConfig } from "./web-search.ts"
import { fakeUpstream, whole } from "./test/fakes.ts"

const provider = (id: string): SearchProvider => findSearchProvider(id)!
const configOf = (id: string, changes: Partial<SearchConfig> = {}): SearchConfig => ({ providerId: id, baseUrl: provider(id).baseUrl ?? "http://searx.local:8080/", secret: "key-1", allowPrivateNetwork: false, ...changes })
const question = (changes: Partial<Question> = {}): Question => ({ query: "zig & news", allowedDomains: [], blockedDomains: [], ...changes })

test("Tavily is asked with a bearer and lists of domains", () => {
  const { url, method, headers, body } = requestOf(provider("tavily"), configOf("tavily"), question({ allowedDomains: ["ziglang.org"], blockedDomains: ["spam.example"] }))
  expect({ url, method, authorization: headers["authorization"] }).toEqual({ url: "https://api.tavily.com/search", method: undefined, authorization: "Bearer key-1" })
  expect(JSON.parse((body as Buffer).toString())).toEqual({ query: "zig & news", max_results: 10, search_depth: "basic", include_domains: ["ziglang.org"], exclude_domains: ["spam.example"] })
})

test("Brave is asked by a query, with its token in a header and domains as operators", () => {
  const { url, method, headers } = requestOf(provider("brave"), configOf("brave"), question({ allowedDomains: ["a.org", "b.org"], blockedDomains: ["c.org"] }))
  const { origin, pathname, searchParams } = new URL(url)
  expect({ method, origin, pathname, token: headers["x-subscription-token"] }).toEqual({ method: "GET", origin: "https://api.search.brave.com", pathname: "/res/v1/web/search", token: "key-1" })
  expect(Object.fromEntries(searchParams)).toEqual({ q: "zig & news site:a.org OR site:b.org -site:c.org", count: "10", result_filter: "web", text_decorations: "false" })
})

test("an own SearXNG is asked at its address, in its network, without a secret", () => {
  const request = requestOf(provider("searxng"), configOf("searxng", { secret: null, allowPrivateNetwork: true }), question())
  expect(request).toMatchObject({ url: "http://searx.local:8080/search?q=zig+%26+news&format=json", allowPrivateNetwork: true })
  expect(Object.keys(request.headers)).toEqual(["accept", "user-agent"])
})

/** As the vendors' references show them (`source` of each). */
const answers = {
  tavily: { query: "q", answer: null, images: [], results: [{ title: "A", url: "https://a.org/x", content: "About a.", score: 0.8, raw_content: null }], response_time: "1.67" },
  brave: { type: "search", web: { type: "search", results: [{ title: "A", url: "https://a.org/x", description: "About", extra_snippets: ["a."], page_age: "2026-01-02T00:00:00", age: "January 2, 2026" }] } },
  searxng: { query: "q", number_of_results: 0, results: [{ url: "https://a.org/x", title: "A", content: "About a.", publishedDate: null, engine: "duckduckgo" }], answers: [], suggestions: [] },
} as const

test.each(searchProviders.map(({ id }) => id))("what %s answers is read", (id) => {
  const found = resultsOf(provider(id), Buffer.from(JSON.stringify(answers[id])), question())
  expect(found).toEqual([{ url: "https://a.org/x", title: "A", pageAge: id === "brave" ? "2026-01-02T00:00:00" : null, excerpt: id === "brave" ? "About\na." : "About a." }])
  expect(resultsOf(provider(id), Buffer.from("<html>"), question())).toBeNull()
  expect(resultsOf(provider(id), Buffer.from("{}"), question())).toEqual([])
})

test("whatever an engine returns, only wanted domains of the web come back, in a bounded number and length", () => {
  const results = [
    { url: "https://docs.a.org/guide/x", title: "below", content: "y".repeat(100_000) },
    { url: "https://nota.org/guide", title: "another" },
    { url: "https://a.org/blog", title: "another path" },
    { url: "javascript:alert(1)", title: "no page" },
    { title: "nowhere" },
    null,
    ...Array.from({ length: 30 }, (_, index) => ({ url: `https://a.org/guide/${index}`, title: "t" })),
  ]
  const read = (changes: Partial<Question>) => resultsOf(provider("searxng"), Buffer.from(JSON.stringify({ results })), question(changes)) ?? []
  const wanted = read({ allowedDomains: ["a.org/guide"] })
  expect(wanted).toHaveLength(10)
  expect(wanted[0]).toMatchObject({ title: "below", excerpt: "y".repeat(1_500) })
  expect(wanted.every(({ url }) => new URL(url).hostname.endsWith("a.org") && new URL(url).pathname.startsWith("/guide"))).toBe(true)
  expect(read({ blockedDomains: ["a.org"] }).map(({ title }) => title)).toEqual(["another"])
})

test("a question that cannot be asked is asked of nobody", async () => {
  const upstream = fakeUpstream()
  const said = (query: string) => new Promise((resolve) => void askSearch(configOf("brave"), question({ query }), upstream.port, ({ found }) => resolve(found.failed)))
  expect(await said("  ")).toBe("invalid_tool_input")
  expect(await said("x".repeat(401))).toBe("query_too_long")
  expect(upstream.calls).toEqual([])
})

test("an answer without end is given up", async () => {
  const upstream = fakeUpstream()
  upstream.script.push(whole(200, { results: "x".repeat(2 * 1024 * 1024) }))
  expect(await new Promise((resolve) => void askSearch(configOf("searxng"), question(), upstream.port, resolve))).toMatchObject({ found: { failed: "unavailable" }, detail: "it answered more than it may" })
  expect(upstream.calls[0]?.aborted).toBe(true)
})
