import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { creditsObject, generationObject, keyObject } from "./account.ts"
import { findAnthropicModel, listAnthropicModels } from "./anthropic-models.ts"
import { exactJson } from "./exact-json.ts"
import { findGeminiModel, listGeminiModels } from "./gemini-models.ts"
import { findModel, listModels } from "./models.ts"
import type { Operation } from "./paths.ts"
import type { GatewayPorts } from "./ports.ts"
import { modelNotFound } from "./reach.ts"
import { configFor } from "./terms.ts"
import type { GatewayConfig, Principal } from "./types.ts"

export type ReadOperation = Exclude<Operation, { readonly kind: "call" | "count" | "root" | "response" | "responseItems" | "responseCancel" }>

/** How the caller reads lists of models: as its dialect has them. */
export type ReadOptions = {
  readonly query: URLSearchParams | null
  readonly dialect: ClientDialect
  /** Claude Code asks, which offers only models that are called like Claude (W-129). */
  readonly claudeNames: boolean
}

const ID_CHARACTERS_MAX = 200
export const NOT_READY: GatewayError = { code: "unavailable", message: "This server is still starting. Try again shortly.", retryAfterSeconds: 1 }

/** Answers what costs nothing: models and the key's own account. The value is JSON. */
export async function read(operation: ReadOperation, { query, dialect, claudeNames }: ReadOptions, principal: Principal, ports: GatewayPorts): Promise<Result<string, GatewayError>> {
  const snapshot = ports.config()
  const config = snapshot === null ? null : configFor(snapshot, principal)
  switch (operation.kind) {
    case "models":
      return config === null ? err(NOT_READY) : modelList({ query, dialect, claudeNames }, principal, config)
    case "model": {
      if (config === null) return err(NOT_READY)
      const model = modelFinders[dialect](operation.name, principal, config)
      return model === null ? err(modelNotFound(operation.name)) : ok(JSON.stringify(model))
    }
    case "key":
      return fromBooks(ports, async () => ok(exactJson(keyObject(await ports.account.key(principal)))))
    case "credits":
      return fromBooks(ports, async () => ok(exactJson(creditsObject(await ports.account.credits(principal)))))
    case "generation": {
      const id = query?.get("id") ?? ""
      if (id === "" || id.length > ID_CHARACTERS_MAX) return err({ code: "invalid_request", message: "id: the id of a request or of its response is needed.", param: "id" })
      return fromBooks(ports, async () => {
        const generation = await ports.account.generation(principal, id)
        return generation === null ? err<GatewayError>({ code: "not_found", message: "No such generation." }) : ok(exactJson(generationObject(generation)))
      })
    }
  }
}

function modelList(options: ReadOptions, principal: Principal, config: GatewayConfig): Result<string, GatewayError> {
  const page = modelLists[options.dialect](options, principal, config)
  return page.ok ? ok(JSON.stringify(page.value)) : page
}

const openaiList = (_: ReadOptions, principal: Principal, config: GatewayConfig) => ok({ object: "list", data: listModels(principal, config) })

const modelFinders = { cc: findModel, rs: findModel, am: findAnthropicModel, gm: findGeminiModel } as const satisfies Record<ClientDialect, unknown>
const modelLists = { cc: openaiList, rs: openaiList, am: listAnthropicModels, gm: listGeminiModels } as const satisfies Record<ClientDialect, unknown>

/** The database may be away: that is 503 here, and the reason goes to the log. */
async function fromBooks(ports: GatewayPorts, work: () => Promise<Result<string, GatewayError>>): Promise<Result<string, GatewayError>> {
  try {
    return await work()
  } catch (error) {
    ports.log("error", "account.unreadable", { detail: error instanceof Error ? error.message : String(error) })
    return err({ code: "unavailable", message: "The books cannot be read at the moment. Try again shortly.", retryAfterSeconds: 1 })
  }
}
