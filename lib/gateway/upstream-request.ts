import { authHeaders, authSchemeOf, isCloudScheme } from "#lib/catalog/auth.ts"
import { hostedUrl } from "#lib/catalog/base-url.ts"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { Attempted, Prepared } from "#lib/wire/upstream-lane.ts"
import type { UpstreamRequest } from "./ports.ts"
import type { Candidate, Routed } from "./stages.ts"
import type { PublicModel, Target } from "./types.ts"

const USER_AGENT = "turnpike"

/** What one attempt is prepared from. */
export function attempted(received: Pick<Routed, "body" | "upload" | "call" | "headers" | "requestId" | "receivedAtMs">, model: PublicModel, { channel, upstreamModel, price, searcher }: Target, clampedOutputTokens: number | null): Attempted {
  const { body, upload, call, headers, requestId, receivedAtMs } = received
  const { providerId, drop } = channel
  return { body, ...(upload && { upload }), call, headers, requestId, receivedAtMs, target: { providerId, upstreamModel, outputTokensMax: model.outputTokensMax, traits: traitsOf(upstreamModel, providerId), drop, searches: searcher === undefined && pricesSearches(price) }, clampedOutputTokens }
}

export const pricesSearches = (price: Target["price"]): boolean => price?.sell.rates.units.search !== undefined

/** The request as it is sent: our own headers, and of the client's only those on the dialect's list (W-119, W-134). */
export function upstreamRequest(prepared: Pick<Prepared, "body" | "headers" | "streamed">, { target, lane, credential }: Candidate, clientHeaders: Attempted["headers"], url: string): UpstreamRequest {
  const { channel } = target
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: prepared.streamed ? "text/event-stream" : "application/json",
    "user-agent": USER_AGENT,
    ...lane.ownHeaders,
    ...prepared.headers,
  }
  for (const name of lane.forwardedHeaders(channel.providerId)) {
    const value = clientHeaders[name]
    if (typeof value === "string") headers[name] = value
  }
  const request = { url, headers, body: prepared.body, allowPrivateNetwork: channel.allowPrivateNetwork }
  if (credential === null) return request
  const { secret } = credential
  const scheme = authSchemeOf(channel.auth, lane.dialect)
  if (isCloudScheme(scheme)) return { ...request, credential: { scheme, secret, settings: channel.cloud?.settings ?? {} } }
  Object.assign(headers, authHeaders(scheme, secret))
  return request
}

/** Where a call goes. GM and BR have other addresses for streams, and so have clouds. */
export function callUrl({ lane, baseUrl, target }: Candidate, streamed: boolean): string {
  const { dialect, operation } = lane
  const { cloud } = target.channel
  if (operation === "embeddings" && dialect === "gm") return hostedUrl(cloud?.hosting, "gm", baseUrl, operation, target.upstreamModel) ?? ""
  if (operation !== undefined) return hostedUrl(cloud?.hosting, "cc", baseUrl, operation, target.upstreamModel) ?? ""
  const apart = streamed && (dialect === "gm" || dialect === "br" || cloud?.hosting.paths?.[dialect]?.["chatStream"] !== undefined)
  return hostedUrl(cloud?.hosting, dialect, baseUrl, (apart ? "chatStream" : "chat") as "chat", target.upstreamModel) ?? ""
}
