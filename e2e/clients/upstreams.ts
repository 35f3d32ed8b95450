import { signatureOf as claudeSignatureOf } from "#e2e/fixtures/dialects/anthropic-messages-request.ts"
import { signatureOf as bedrockSignatureOf, signsThinking } from "#e2e/fixtures/dialects/bedrock-converse-request.ts"
import { signatureOf as geminiSignatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import { encryptedOf } from "#e2e/fixtures/dialects/openai-responses-request.ts"
import type { Upstream } from "#e2e/gateway/stage.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { weather } from "./talker.ts"

export type Kind = {
  readonly upstream: Upstream
  /** By its name the gateway knows what the model can: thinking, and answers of a schema. */
  readonly model: string
  /** A client of one of these dialects is answered in it, and all others in the first. */
  readonly speaks: readonly [Dialect, ...Dialect[]]
  /** The maker shows its thinking to nobody. */
  readonly thinksHidden?: boolean
}

/** Every kind of upstream that the simulators play: the four dialects of clients, and what the clouds make of them and of their own. */
export const kinds = {
  cc: { upstream: { provider: "openai-compatible", vendor: "compatible", dialect: "cc" }, model: "sim-chat", speaks: ["cc"] },
  rs: { upstream: { provider: "openai-compatible", vendor: "responses", dialect: "rs" }, model: "gpt-5.4-sim", speaks: ["rs"] },
  am: { upstream: { provider: "anthropic", vendor: "anthropic", dialect: "am" }, model: "claude-opus-4-6-sim", speaks: ["am"] },
  gm: { upstream: { provider: "gemini-compatible", vendor: "gemini", dialect: "gm" }, model: "gemini-3-flash-sim", speaks: ["gm"] },
  "bedrock-claude": { upstream: { cloud: "bedrock" }, model: "eu.anthropic.claude-opus-4-6-v1:0", speaks: ["br", "am"] },
  "bedrock-nova": { upstream: { cloud: "bedrock-key" }, model: "us.amazon.nova-2-lite-v1:0", speaks: ["br"] },
  "azure-dated": { upstream: { cloud: "azure-dated" }, model: "gpt-4o-deployment", speaks: ["cc"], thinksHidden: true },
  "azure-v1": { upstream: { cloud: "azure-v1" }, model: "gpt-5.4-deployment", speaks: ["rs", "cc"] },
  "vertex-gemini": { upstream: { cloud: "vertex" }, model: "gemini-3.8-flash", speaks: ["gm"] },
  "vertex-claude": { upstream: { cloud: "vertex" }, model: "claude-opus-4-6@20260205", speaks: ["am"] },
} as const satisfies Record<string, Kind>
export type KindName = keyof typeof kinds
export const kindNames = Object.keys(kinds) as KindName[]

/** Where no translation is needed, none is made. */
export function dialectOf(name: KindName, client: ClientDialect): Dialect {
  const { speaks }: Kind = kinds[name]
  return speaks.includes(client) ? client : speaks[0]
}

/** How each dialect says that the weather must be asked for. */
export const forcedChoice = {
  cc: { tool_choice: { type: "function", function: { name: weather.name } } },
  rs: { tool_choice: { type: "function", name: weather.name } },
  am: { tool_choice: { type: "tool", name: weather.name } },
  gm: { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [weather.name] } } },
  br: { toolConfig: { toolChoice: { tool: { name: weather.name } } } },
} as const satisfies Record<Dialect, object>

/** What comes with thinking and has to come back unchanged; null: nothing does. Gemini signs the call that it leads to. */
export function signatureOf({ model }: Kind, dialect: Dialect, thinking: string): string | null {
  switch (dialect) {
    case "cc":
      return null
    case "rs":
      return encryptedOf(thinking)
    case "am":
      return claudeSignatureOf(thinking)
    case "gm":
      return geminiSignatureOf(weather.name)
    case "br":
      return signsThinking(model) ? bedrockSignatureOf(thinking) : null
  }
}
