import { err, ok, type Result } from "#lib/kernel/result.ts"
import { type BaseUrlError, normalizeBaseUrl } from "./base-url.ts"
import type { Endpoints, Hosting, Settings } from "./provider.ts"

/** The typed URL in its parts; a URL that was not typed has the vendor's host. */
type Typed = { readonly origin: string; readonly path: string; readonly query: URLSearchParams }

/** Null: the settings do not say which host is meant, and no URL was given. */
type Cloud = { readonly host: (settings: Settings) => string | null; readonly endpoints: (typed: Typed, settings: Settings) => Endpoints }

/** The first version in which Azure offers responses under `/openai/responses` (Azure OpenAI, API version lifecycle: changes of 2025-03-01-preview). */
const AZURE_RESPONSES_SINCE = "2025-03-01"

/**
 * Azure has two styles (its specs, see lib/catalog/providers.ts): a dated version asks one deployment in its path, and `v1`, which needs none, takes
 * the model's name in the body. A pasted URL of either style says which one is meant, unless `apiVersion` does.
 */
function azureEndpoints({ origin, path, query }: Typed, { apiVersion }: Settings): Endpoints {
  const [before = "", after = ""] = path.split(/\/openai(?:\/|$)/, 2)
  const root = `${origin}${before.replace(/\/+$/, "")}/openai`
  const version = apiVersion ?? query.get("api-version") ?? "v1"
  if (/^\d/.test(version) && (apiVersion !== undefined || !after.startsWith("v1"))) {
    const responses = version >= AZURE_RESPONSES_SINCE ? { rs: `${root}?api-version=${version}` } : {}
    return { cc: `${root}/deployments/{model}?api-version=${version}`, ...responses }
  }
  const base = `${root}/v1${version === "preview" ? "?api-version=preview" : ""}`
  return { cc: base, rs: base }
}

/** AWS' partitions that have a domain of their own, by how their regions begin (@aws-sdk/core, partitions). */
const awsDomains: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^eusc-/, "amazonaws.eu"],
]

/** @aws-sdk/client-bedrock-runtime 3.1164.0, endpoint rules. */
function bedrockHost({ region }: Settings): string | null {
  if (region === undefined) return null
  return `https://bedrock-runtime.${region}.${awsDomains.find(([begins]) => begins.test(region))?.[1] ?? "amazonaws.com"}`
}

function bedrockEndpoints({ origin, path }: Typed): Endpoints {
  const base = `${origin}${path.replace(/\/model(?:\/.*)?$/, "")}`
  return { br: base, am: base }
}

/** @anthropic-ai/vertex-sdk 1.1.3, client.ts (and https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations): one host for `global`, one for each continent, one for each region. */
function vertexHost({ region }: Settings): string | null {
  if (region === undefined) return null
  if (region === "global") return "https://aiplatform.googleapis.com"
  return region === "us" || region === "eu" ? `https://aiplatform.${region}.rep.googleapis.com` : `https://${region}-aiplatform.googleapis.com`
}

function vertexEndpoints({ origin, path }: Typed, { project = "", region = "" }: Settings): Endpoints {
  const before = path.replace(/\/projects(?:\/.*)?$/, "")
  const version = /\/v\d+(?:beta\d*)?$/.test(before) ? "" : "/v1"
  const location = `${origin}${before}${version}/projects/${encodeURIComponent(project).replaceAll("%3A", ":")}/locations/${region}`
  return { gm: `${location}/publishers/google`, am: `${location}/publishers/anthropic`, cc: `${location}/endpoints/openapi` }
}

/** Cohere's services stand side by side below one host (https://docs.cohere.com/docs/compatibility-api, https://docs.cohere.com/reference/rerank). */
const cohereEndpoints = ({ origin, path }: Typed): Endpoints => ({ cc: `${origin}${path.replace(/\/(?:compatibility\/v1|v[12])$/, "")}` })

const clouds = {
  azure: { host: ({ resource }) => (resource === undefined ? null : `https://${resource}.openai.azure.com`), endpoints: azureEndpoints },
  bedrock: { host: bedrockHost, endpoints: bedrockEndpoints },
  vertex: { host: vertexHost, endpoints: vertexEndpoints },
  cohere: { host: () => "https://api.cohere.com", endpoints: cohereEndpoints },
} as const satisfies Record<Hosting["cloud"], Cloud>

/**
 * The base URL of every dialect of a cloud: at the host that the settings name, or at the typed one, which overrides it. `typed` may be the
 * host alone, a base, or a whole pasted URL.
 */
export function cloudEndpoints(cloud: Hosting["cloud"], typed: string | null, settings: Settings): Result<Endpoints, BaseUrlError | "missing"> {
  const { host, endpoints } = clouds[cloud] as Cloud
  const url = typed === null || typed.trim() === "" ? host(settings) : typed
  if (url === null) return err("missing")
  // BR gains nothing and keeps the query, so this only checks the URL and gives it a scheme.
  const base = normalizeBaseUrl("br", url)
  if (!base.ok) return base
  const { origin, pathname, searchParams } = new URL(base.value)
  return ok(endpoints({ origin, path: pathname.replace(/\/+$/, ""), query: searchParams }, settings))
}
