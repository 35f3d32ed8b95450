import { findSearchProvider, type SearchProvider } from "#lib/catalog/search-providers.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { SearchResult } from "#lib/wire/chat/part.ts"
import { isRecord } from "#lib/wire/request-fields.ts"
import type { Found, Question, SearchFailure } from "#lib/wire/rounds.ts"
import type { UpstreamCall, UpstreamPort, UpstreamRequest } from "./ports.ts"

/** The installation's own search: who is asked where the channel of a call cannot search. */
export type SearchConfig = {
  readonly providerId: string
  readonly baseUrl: string
  /** Never logged, never encoded. */
  readonly secret: string | null
  readonly allowPrivateNetwork: boolean
}

const SEARCH_MS_MAX = 15_000
/** Ten results with a page's excerpts are some 50 kB. */
const ANSWER_BYTES_MAX = 1024 * 1024
const RESULTS_MAX = 10
/** Per result: with ten of them a search stays under what is held for it (catalog/token-ceilings.ts). */
const EXCERPT_CHARACTERS_MAX = 1_500
const TITLE_CHARACTERS_MAX = 300
const URL_CHARACTERS_MAX = 2_000
const DOMAINS_MAX = 20

/** `detail` is for the log: what stood in the way, without the secret. */
type Asked = { readonly found: Found; readonly detail: string | null }

/** Asks one question. `done` is called once, unless the call was aborted before. */
export function askSearch(config: SearchConfig, question: Question, upstream: UpstreamPort, done: (asked: Asked) => void): { abort(): void } {
  const provider = findSearchProvider(config.providerId)
  const refused = provider === null ? ("unavailable" as const) : unaskable(provider, question)
  let over = false
  let call: UpstreamCall | null = null
  const stop = () => {
    over = true
    clearTimeout(timer)
    call?.abort()
  }
  const say = (found: Result<readonly SearchResult[], SearchFailure>, detail: string | null) => {
    if (over) return
    over = true
    clearTimeout(timer)
    done({ found: found.ok ? { results: found.value, failed: null } : { results: [], failed: found.error }, detail })
  }
  const fail = (failure: SearchFailure, detail: string) => {
    say(err(failure), detail)
    call?.abort()
  }
  const timer = setTimeout(() => fail("unavailable", "it did not answer in time"), SEARCH_MS_MAX)
  if (provider === null || refused !== null) {
    queueMicrotask(() => fail(refused ?? "unavailable", "the question cannot be asked"))
    return { abort: stop }
  }
  const chunks: Buffer[] = []
  let bytes = 0
  let status = 0
  call = upstream.call(requestOf(provider, config, question), {
    onHead(code) {
      status = code
    },
    onData(chunk) {
      bytes += chunk.length
      if (bytes > ANSWER_BYTES_MAX) fail("unavailable", "it answered more than it may")
      else chunks.push(chunk)
      return true
    },
    onEnd() {
      if (status !== 200) return fail(status === 429 ? "too_many_requests" : "unavailable", `it answered ${status}`)
      const results = resultsOf(provider, Buffer.concat(chunks), question)
      if (results === null) fail("unavailable", "it answered 200 without results")
      else say(ok(results), null)
    },
    onFailure: ({ kind, detail }) => fail("unavailable", `${kind}: ${detail}`),
  })
  return { abort: stop }
}

function unaskable({ queryCharactersMax }: SearchProvider, { query }: Question): SearchFailure | null {
  if (query.trim() === "") return "invalid_tool_input"
  return query.length > queryCharactersMax ? "query_too_long" : null
}

/** The question as its provider wants it. */
export function requestOf(provider: SearchProvider, { baseUrl, secret, allowPrivateNetwork }: SearchConfig, question: Question): UpstreamRequest {
  const { auth, method } = provider
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}${provider.path}`)
  const headers: Record<string, string> = { accept: "application/json", "user-agent": "turnpike" }
  if (auth !== null && secret !== null) headers[auth.header] = `${auth.prefix}${secret}`
  const allowed = question.allowedDomains.slice(0, DOMAINS_MAX)
  const blocked = question.blockedDomains.slice(0, DOMAINS_MAX)
  const query = provider.domains === null ? withSites(question.query, allowed, blocked, provider.queryCharactersMax) : question.query
  if (method === "GET") {
    url.searchParams.set(provider.query, query)
    for (const [name, value] of Object.entries(provider.always)) url.searchParams.set(name, String(value))
    return { method, url: url.href, headers, body: Buffer.alloc(0), allowPrivateNetwork }
  }
  const lists = provider.domains === null ? {} : { ...(allowed.length > 0 && { [provider.domains.allowed]: allowed }), ...(blocked.length > 0 && { [provider.domains.blocked]: blocked }) }
  const body = Buffer.from(JSON.stringify({ ...provider.always, [provider.query]: query, ...lists }), "utf8")
  return { url: url.href, headers: { ...headers, "content-type": "application/json" }, body, allowPrivateNetwork }
}

/** Domains as the engines' own operators, as far as they fit: what comes back is filtered in any case. */
function withSites(query: string, allowed: readonly string[], blocked: readonly string[], charactersMax: number): string {
  const sites = [...(allowed.length === 0 ? [] : [allowed.map((domain) => `site:${domain}`).join(" OR ")]), ...blocked.map((domain) => `-site:${domain}`)].join(" ")
  const whole = sites === "" ? query : `${query} ${sites}`
  return whole.length > charactersMax ? query : whole
}

/** What came back, bounded; null: it is no answer of this provider. */
export function resultsOf({ results: way, fields }: SearchProvider, body: Buffer, question: Question): readonly SearchResult[] | null {
  let value: unknown
  try {
    value = JSON.parse(body.toString("utf8"))
  } catch {
    return null
  }
  if (!isRecord(value)) return null
  for (const step of way) value = isRecord(value) ? value[step] : undefined
  // A search without a hit leaves the list out (Brave).
  if (!Array.isArray(value)) return []
  const found = (value as readonly unknown[]).flatMap((one): readonly SearchResult[] => {
    if (!isRecord(one) || typeof one["url"] !== "string" || one["url"].length > URL_CHARACTERS_MAX || !isWanted(one["url"], question)) return []
    const more: unknown = fields.excerpts === undefined ? undefined : one[fields.excerpts]
    const excerpt = [one[fields.excerpt], ...(Array.isArray(more) ? (more as readonly unknown[]) : [])].filter((text): text is string => typeof text === "string" && text !== "").join("\n")
    const age = one[fields.age]
    return [{ url: one["url"], title: typeof one["title"] === "string" ? one["title"].slice(0, TITLE_CHARACTERS_MAX) : one["url"], pageAge: typeof age === "string" ? age : null, ...(excerpt !== "" && { excerpt: excerpt.slice(0, EXCERPT_CHARACTERS_MAX) }) }]
  })
  return found.slice(0, RESULTS_MAX)
}

/** Whether an address is one that the client wants: its domain or one below it, and its path or one below that (web search tool guide, domain filtering). */
function isWanted(address: string, { allowedDomains, blockedDomains }: Question): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, pathname } = new URL(address)
  if (protocol !== "https:" && protocol !== "http:") return false
  const isWithin = (domain: string): boolean => {
    const slash = domain.indexOf("/")
    const [host, path] = slash === -1 ? [domain, ""] : [domain.slice(0, slash), domain.slice(slash)]
    const name = host.toLowerCase()
    return (hostname === name || hostname.endsWith(`.${name}`)) && (path === "" || pathname.startsWith(path))
  }
  return (allowedDomains.length === 0 || allowedDomains.some(isWithin)) && !blockedDomains.some(isWithin)
}
