import type { AuthScheme } from "#lib/catalog/provider.ts"
import type { UpstreamRequest } from "./ports.ts"
import type { Candidate, Received } from "./stages.ts"
import type { ChannelConfig } from "./types.ts"

const USER_AGENT = "turnpike"

const authHeaders = {
  bearer: (secret) => ["authorization", `Bearer ${secret}`],
  "x-api-key": (secret) => ["x-api-key", secret],
  "x-goog-api-key": (secret) => ["x-goog-api-key", secret],
  "api-key": (secret) => ["api-key", secret],
  none: () => null,
} as const satisfies Record<AuthScheme, (secret: string) => readonly [name: string, value: string] | null>

/** What is sent of a call. */
export type Sendable = Pick<Received, "call" | "lane" | "body" | "headers"> & { readonly clampedOutputTokens: number | null }

/** The call as it is sent to `url`: our own headers, and of the client's only those on the dialect's list (W-119, W-134). */
export function upstreamRequest(sendable: Sendable, { target, credential }: Candidate, url: string): UpstreamRequest {
  const { call, lane, body, clampedOutputTokens } = sendable
  const { channel, upstreamModel } = target
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: call.streamed ? "text/event-stream" : "application/json",
    "user-agent": USER_AGENT,
    ...lane.ownHeaders,
  }
  for (const name of lane.forwardedHeaders(channel.providerId)) {
    const value = sendable.headers[name]
    if (typeof value === "string") headers[name] = value
  }
  const auth = credential === null ? null : authHeaders[channel.auth[lane.dialect] ?? channel.auth.default](credential.secret)
  if (auth !== null) headers[auth[0]] = auth[1]
  return {
    url,
    headers,
    body: lane.encodeCall(body, call, {
      upstreamModel,
      outputTokensMax: clampedOutputTokens === null ? null : { field: lane.outputField(call, channel.providerId), tokens: clampedOutputTokens },
      drop: droppedFields(sendable, channel),
    }),
    allowPrivateNetwork: channel.allowPrivateNetwork,
  }
}

/** What this call has and the channel does not take: by the operator's list, and by what its provider does not know. */
export function droppedFields({ call, lane, headers }: Pick<Received, "call" | "lane" | "headers">, { drop, providerId }: Pick<ChannelConfig, "drop" | "providerId">): readonly string[] {
  const listed = drop.length === 0 ? drop : drop.filter((name) => name in call.fields)
  const unsupported = lane.unsupportedFields(call, providerId, headers)
  return unsupported.length === 0 ? listed : [...listed, ...unsupported.filter((name) => !listed.includes(name))]
}
