import { authHeaders, authSchemeOf, isCloudScheme } from "#lib/catalog/auth.ts"
import { hostedUrl } from "#lib/catalog/base-url.ts"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { Attempted, Prepared } from "#lib/wire/upstream-lane.ts"
import type { UpstreamRequest } from "./ports.ts"
import type { Candidate, RequestFrame, Routed } from "./stages.ts"
import type { PublicModel, Target } from "./types.ts"

const USER_AGENT = "turnpike"

/** What one attempt is prepared from. */
export function attempted({ body, upload, call, headers, requestId, receivedAtMs }: Pick<Routed, "body" | "upload" | "call" | "headers" | "requestId" | "receivedAtMs">, target: Attempted["target"], clampedOutputTokens: number | null): Attempted {
  const attempt = { body, call, headers, requestId, receivedAtMs, target, clampedOutputTokens }
  return upload === undefined ? attempt : { ...attempt, upload }
}

/** A target as attempts know it. */
export const askedOf = ({ outputTokensMax }: PublicModel, { channel: { providerId, drop }, upstreamModel, price, searcher }: Target): Attempted["target"] =>
  ({ providerId, upstreamModel, outputTokensMax, traits: traitsOf(upstreamModel, providerId), drop, searches: searcher === undefined && pricesSearches(price) })

export const pricesSearches = (price: Target["price"]): boolean => price?.sell.rates.units.search !== undefined

/** A call as it is sent to a candidate. */
export function callRequest(prepared: Prepared, candidate: Candidate, clientHeaders: Attempted["headers"]): UpstreamRequest {
  const { frames } = candidate
  const frame = prepared.streamed ? (frames.streamed ??= frameOf(candidate, true)) : (frames.whole ??= frameOf(candidate, false))
  return upstreamRequest(prepared, candidate, clientHeaders, frame)
}

/** The request as it is sent: our own headers, and of the client's only those on the dialect's list (W-119, W-134). */
export function upstreamRequest(prepared: Pick<Prepared, "body" | "headers">, { target: { channel }, lane, credential }: Candidate, clientHeaders: Attempted["headers"], frame: RequestFrame): UpstreamRequest {
  let own: Record<string, string> | null = prepared.headers === null ? null : { ...frame.headers, ...prepared.headers }
  for (const name of lane.forwardedHeaders(channel.providerId)) {
    const value = clientHeaders[name]
    if (typeof value === "string") (own ??= { ...frame.headers })[name] = value
  }
  const request = { url: frame.url, headers: own ?? frame.headers, body: prepared.body, allowPrivateNetwork: channel.allowPrivateNetwork }
  if (credential === null) return request
  const { secret } = credential
  const scheme = authSchemeOf(channel.auth, lane.dialect)
  return isCloudScheme(scheme) ? { ...request, credential: { scheme, secret, settings: channel.cloud?.settings ?? {} } } : request
}

const frameOf = (candidate: Candidate, streamed: boolean): RequestFrame => ({ url: callUrl(candidate, streamed), headers: ownHeaders(candidate, streamed) })

/** Our own headers, the secret among them where a header presents it. */
export function ownHeaders({ target: { channel }, lane, credential }: Candidate, streamed: boolean): Readonly<Record<string, string>> {
  const scheme = authSchemeOf(channel.auth, lane.dialect)
  return {
    "content-type": "application/json",
    accept: streamed ? "text/event-stream" : "application/json",
    "user-agent": USER_AGENT,
    ...lane.ownHeaders,
    ...(credential !== null && !isCloudScheme(scheme) && authHeaders(scheme, credential.secret)),
  }
}

/** Where a call goes. GM and BR have other addresses for streams, and so have clouds. */
function callUrl({ lane, baseUrl, target }: Candidate, streamed: boolean): string {
  const { dialect, operation } = lane
  const { cloud } = target.channel
  if (operation === "embeddings" && dialect === "gm") return hostedUrl(cloud?.hosting, "gm", baseUrl, operation, target.upstreamModel) ?? ""
  if (operation !== undefined) return hostedUrl(cloud?.hosting, "cc", baseUrl, operation, target.upstreamModel) ?? ""
  const apart = streamed && (dialect === "gm" || dialect === "br" || cloud?.hosting.paths?.[dialect]?.["chatStream"] !== undefined)
  return hostedUrl(cloud?.hosting, dialect, baseUrl, (apart ? "chatStream" : "chat") as "chat", target.upstreamModel) ?? ""
}
