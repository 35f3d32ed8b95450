import { cloudEndpoints } from "#lib/catalog/cloud-endpoints.ts"
import type { Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import type { ChannelConfig } from "../types.ts"
import { bench, channel, config, model, target } from "./fakes.ts"

/** Texts of user and model in turns, tools that are offered, and the arguments of a call that came before, as an object and as a text. */
export type Parts = {
  readonly texts: readonly string[]
  readonly tools: readonly (readonly [name: string, schema: object])[]
  readonly called?: { readonly object: unknown; readonly text: string }
  readonly streamed: boolean
}

type Door = { readonly path: (parts: Parts) => string; readonly body: (parts: Parts) => object }

/** How the clients of each dialect say it. */
export const doors: Readonly<Record<ClientDialect, Door>> = {
  cc: {
    path: () => "/api/v1/chat/completions",
    body: ({ texts, tools, called, streamed }) => ({ model: "public", messages: [...inTurns(texts, "assistant"), ...(called ? [{ role: "assistant", tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: called.text } }] }, { role: "tool", tool_call_id: "call_1", content: "done" }] : [])], tools: tools.map(([name, parameters]) => ({ type: "function", function: { name, parameters } })), ...(streamed && { stream: true }) }),
  },
  rs: {
    path: () => "/api/v1/responses",
    body: ({ texts, tools, called, streamed }) => ({ model: "public", store: false, input: [...inTurns(texts, "assistant"), ...(called ? [{ type: "function_call", call_id: "call_1", name: "f", arguments: called.text }, { type: "function_call_output", call_id: "call_1", output: "done" }] : [])], tools: tools.map(([name, parameters]) => ({ type: "function", name, parameters })), ...(streamed && { stream: true }) }),
  },
  am: {
    path: () => "/api/v1/messages",
    body: ({ texts, tools, called, streamed }) => ({ model: "public", max_tokens: 100, messages: [...inTurns(texts, "assistant"), ...(called ? [{ role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "f", input: called.object }] }, { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "done" }] }] : [])], tools: tools.map(([name, input_schema]) => ({ name, input_schema })), ...(streamed && { stream: true }) }),
  },
  gm: {
    path: ({ streamed }) => `/api/v1beta/models/public:${streamed ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: ({ texts, tools, called }) => ({ contents: [...inTurns(texts, "model").map(({ role, content }) => ({ role, parts: [{ text: content }] })), ...(called ? [{ role: "model", parts: [{ functionCall: { name: "f", args: called.object } }] }, { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "done" } } }] }] : [])], tools: [{ functionDeclarations: tools.map(([name, parametersJsonSchema]) => ({ name, parametersJsonSchema })) }] }),
  },
}
export const doorNames = Object.keys(doors) as ClientDialect[]

const inTurns = (texts: readonly string[], assistant: string) => texts.map((content, at) => ({ role: at % 2 === 0 ? "user" : assistant, content }))

type Place = { readonly channel: ChannelConfig; readonly upstreamModel: string }

/** Channels of every kind: of each dialect, and of the clouds. */
export const places = {
  cc: { channel: channel("a"), upstreamModel: "upstream-model" },
  rs: { channel: channel("a", { providerId: "openai", endpoints: { rs: "https://a.example/v1" } }), upstreamModel: "upstream-model" },
  am: { channel: channel("a", { providerId: "anthropic", endpoints: { am: "https://a.example/v1" } }), upstreamModel: "upstream-model" },
  gm: { channel: channel("a", { providerId: "gemini", endpoints: { gm: "https://a.example/v1" } }), upstreamModel: "upstream-model" },
  "bedrock-nova": cloudPlace("bedrock", { region: "eu-west-1" }, "amazon.nova-pro-v1:0"),
  "bedrock-claude": cloudPlace("bedrock", { region: "eu-west-1" }, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
  azure: cloudPlace("azure-openai", { resource: "mine", apiVersion: "2024-10-21" }, "my-deployment"),
  "vertex-gemini": cloudPlace("vertex", { project: "mine", region: "us-east5" }, "gemini-3.8-flash"),
  "vertex-claude": cloudPlace("vertex", { project: "mine", region: "us-east5" }, "claude-sonnet-4-5@20250929"),
} as const satisfies Record<string, Place>
export type PlaceName = keyof typeof places
export const placeNames = Object.keys(places) as PlaceName[]

function cloudPlace(providerId: string, settings: Settings, upstreamModel: string): Place {
  const hosting = findProvider(providerId)?.hosting
  if (hosting === undefined) throw new Error(`${providerId} is no cloud`)
  const endpoints = cloudEndpoints(hosting.cloud, null, settings)
  if (!endpoints.ok) throw new Error(`${providerId} has no address: ${JSON.stringify(endpoints.error)}`)
  return { channel: channel("a", { providerId, endpoints: endpoints.value, cloud: { hosting, settings } }), upstreamModel }
}

/** A gateway whose one model is at this place. */
export function benchAt(place: PlaceName) {
  const { channel: of, upstreamModel } = places[place]
  return bench({ config: config(model("public", [target(of, { upstreamModel })], { contextTokens: null })), settings: { bodyBytesMax: 32 * 1024 * 1024 } })
}

export const callHeaders = { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" }
