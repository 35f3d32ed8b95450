import { aroundOperations } from "#lib/wire/around/operations.ts"
import type { ClientDialect, Endpoint, GeminiEndpoint } from "#lib/wire/lanes.ts"

/** The doors under which clients find the gateway: they append their own suffixes (DESIGN.md, "Two mounts, one handle"). */
const DOOR = /^(?:\/api\/p\/[^/]+\/v1|(?:\/api)?\/v1(?:beta)?)(?=[/?]|$)/

/** Ids of responses are letters, digits and what stands between them; a provider's may be longer than ours. */
const RESPONSE = /^\/responses\/([\w-]{1,200})(\/input_items|\/cancel)?$/

const responseKinds = { "": "response", "/input_items": "responseItems", "/cancel": "responseCancel" } as const

/** Clients that append `/v1/…` themselves (ANTHROPIC_BASE_URL) ask here whether anybody is there. */
const ROOT = /^\/api(?:\/p\/[^/?]+)?\/?(?=\?|$)/

/** What a path below a door asks for. Only these have a meaning; all else is an unknown path. */
export type Operation =
  | { readonly kind: "call"; readonly dialect: Exclude<ClientDialect, "gm">; readonly endpoint: Endpoint }
  | { readonly kind: "call"; readonly dialect: "gm"; readonly endpoint: Exclude<GeminiEndpoint, "countTokens">; readonly model: string; readonly streamed: boolean }
  | { readonly kind: "count"; readonly dialect: "am"; readonly endpoint: "messages.count_tokens" }
  | { readonly kind: "count"; readonly dialect: "rs"; readonly endpoint: "responses.input_tokens" }
  | { readonly kind: "count"; readonly dialect: "gm"; readonly endpoint: "countTokens"; readonly model: string }
  | { readonly kind: "root" }
  | { readonly kind: "models" }
  | { readonly kind: "model"; readonly name: string }
  | { readonly kind: "key" }
  | { readonly kind: "credits" }
  | { readonly kind: "generation" }
  /** An answer that was kept, and what was asked for it. */
  | { readonly kind: "response"; readonly id: string }
  | { readonly kind: "responseItems"; readonly id: string }
  | { readonly kind: "responseCancel"; readonly id: string }

export type OperationKind = Operation["kind"]

/** The methods each operation answers; OPTIONS is answered everywhere, and HEAD where GET is. */
export const operationMethods = {
  call: ["POST"],
  count: ["POST"],
  root: ["GET"],
  models: ["GET"],
  model: ["GET"],
  key: ["GET"],
  credits: ["GET"],
  generation: ["GET"],
  response: ["GET", "DELETE"],
  responseItems: ["GET"],
  responseCancel: ["POST"],
} as const satisfies Record<OperationKind, readonly ("GET" | "POST" | "DELETE")[]>

const exact: Readonly<Record<string, Operation>> = {
  "/chat/completions": { kind: "call", dialect: "cc", endpoint: "chat.completions" },
  "/responses": { kind: "call", dialect: "rs", endpoint: "responses" },
  "/responses/input_tokens": { kind: "count", dialect: "rs", endpoint: "responses.input_tokens" },
  "/responses/compact": { kind: "call", dialect: "rs", endpoint: "responses.compact" },
  "/messages": { kind: "call", dialect: "am", endpoint: "messages" },
  "/messages/count_tokens": { kind: "count", dialect: "am", endpoint: "messages.count_tokens" },
  ...Object.fromEntries(aroundOperations.map((endpoint): [string, Operation] => [`/${endpoint.replaceAll(".", "/")}`, { kind: "call", dialect: "cc", endpoint }])),
  "": { kind: "root" },
  "/": { kind: "root" },
  "/models": { kind: "models" },
  "/key": { kind: "key" },
  "/credits": { kind: "credits" },
  "/generation": { kind: "generation" },
}

/** Whether a path (with or without its query) belongs to the gateway and not to the portal. */
export function isGatewayPath(path: string): boolean {
  return DOOR.test(path) || ROOT.test(path)
}

/** The operation that a path without its query names, or null. Model names may hold slashes (`openai/gpt-5`). */
export function operationAt(pathname: string): Operation | null {
  const door = DOOR.exec(pathname)
  if (door === null) return ROOT.test(pathname) ? { kind: "root" } : null
  const rest = withoutTrailingSlash(pathname.slice(door[0].length))
  if (Object.hasOwn(exact, rest)) return exact[rest] ?? null
  const response = RESPONSE.exec(rest)
  if (response !== null) return { kind: responseKinds[(response[2] ?? "") as keyof typeof responseKinds], id: response[1] ?? "" }
  if (rest.startsWith("/models/")) {
    const name = decoded(rest.slice("/models/".length))
    return name === null ? null : (geminiOperation(name) ?? { kind: "model", name })
  }
  return null
}

/** Google's operations stand behind the model's name, which may itself hold colons (`llama3:8b`). */
function geminiOperation(name: string): Operation | null {
  const colon = name.lastIndexOf(":")
  const model = name.slice(0, colon)
  if (colon < 1) return null
  switch (name.slice(colon + 1)) {
    case "generateContent":
      return { kind: "call", dialect: "gm", endpoint: "generateContent", model, streamed: false }
    case "streamGenerateContent":
      return { kind: "call", dialect: "gm", endpoint: "streamGenerateContent", model, streamed: true }
    case "embedContent":
    case "batchEmbedContents":
      return { kind: "call", dialect: "gm", endpoint: name.slice(colon + 1) as "embedContent" | "batchEmbedContents", model, streamed: false }
    case "countTokens":
      return { kind: "count", dialect: "gm", endpoint: "countTokens", model }
    default:
      return null
  }
}

const withoutTrailingSlash = (path: string) => (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path)

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
