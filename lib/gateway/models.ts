import type { ModelKind } from "#lib/catalog/model-kinds.ts"
import { findCatalogModel } from "#lib/catalog/models.ts"
import type { UsageUnit } from "#lib/kernel/usage.ts"
import { lanes } from "#lib/wire/lanes.ts"
import type { OwnLane } from "#lib/wire/raw-lane.ts"
import { mayReach, modelFor } from "./reach.ts"
import { laneToward } from "./toward.ts"
import type { GatewayConfig, Principal, PublicModel, TargetPrice } from "./types.ts"

/** OpenAI's model object, with OpenRouter's fields for what is known of it. Prices are dollars per token, as exact decimals. */
export type ModelObject = {
  readonly id: string
  readonly object: "model"
  /** Seconds since the Unix epoch. */
  readonly created: number
  readonly owned_by: "turnpike"
  readonly context_length?: number
  readonly max_completion_tokens?: number
  readonly architecture?: { readonly input_modalities?: readonly string[]; readonly output_modalities?: readonly string[] }
  readonly pricing?: Readonly<Record<string, string>>
}

/** Every model that this key may use, by name. */
export function listModels(principal: Principal, config: GatewayConfig): readonly ModelObject[] {
  const names = [...config.models.keys()].sort()
  return names.flatMap((name) => {
    const model = reachableModel(name, principal, config, openaiLanes)
    return model === null ? [] : [describe(model, principal)]
  })
}

/** One model, or null where it does not exist or this key may not use it. */
export function findModel(name: string, principal: Principal, config: GatewayConfig): ModelObject | null {
  const model = reachableModel(name, principal, config, openaiLanes)
  return model === null ? null : describe(model, principal)
}

/** The dialects whose clients read OpenAI's list. */
const openaiLanes: readonly OwnLane[] = [lanes.cc, lanes.rs]

/**
 * A model that a list for clients of these dialects may name: one of its channels answers them, in their own dialect or translated. A test
 * key may call any, but only the sandbox's own are there to be listed.
 */
export function reachableModel(name: string, principal: Principal, config: GatewayConfig, clients: readonly OwnLane[]): PublicModel | null {
  const model = modelFor(name, principal, config)
  if (model === null || (principal.test && config.models.get(name)?.targets !== model.targets)) return null
  return model.targets.some((target) => mayReach(principal, target.channel) && clients.some((lane) => laneToward(target, lane) !== null)) ? model : null
}

function describe(model: PublicModel, principal: Principal): ModelObject {
  const price = model.targets.find((target) => target.price !== null && mayReach(principal, target.channel))?.price ?? null
  return {
    id: model.name,
    object: "model",
    created: Math.floor(model.createdAtMs / 1000),
    owned_by: "turnpike",
    ...(model.contextTokens !== null && { context_length: model.contextTokens }),
    ...(model.outputTokensMax !== null && { max_completion_tokens: model.outputTokensMax }),
    ...architectureOf(model),
    ...(price !== null && { pricing: pricing(price) }),
  }
}

/** OpenRouter's names for what comes out of a model that is not for chat. */
const outputs = { embedding: ["embeddings"], image: ["image"], transcription: ["transcription"], speech: ["speech"], moderation: ["text"], rerank: ["rerank"] } as const satisfies Record<ModelKind, readonly string[]>

/** What goes in and comes out, as far as the catalogue knows the model behind the name. */
function architectureOf({ targets }: PublicModel): Pick<ModelObject, "architecture"> {
  const [first] = targets
  const known = first === undefined ? null : findCatalogModel(first.channel.providerId, first.upstreamModel)
  if (known === null || (known.kind === undefined && known.input === undefined)) return {}
  return { architecture: { ...(known.input && { input_modalities: known.input }), ...(known.kind && { output_modalities: outputs[known.kind] }) } }
}

/** OpenRouter's names for units (its `/models` reference), and ours for those that it has none for; `request` is each call. */
const perToken = {
  prompt: "input",
  completion: "output",
  input_cache_read: "cacheRead",
  input_cache_write: "cacheWrite5m",
  internal_reasoning: "reasoning",
  audio: "inputAudio",
  audio_output: "outputAudio",
  image_token: "inputImage",
  image_output: "outputImage",
} as const satisfies Record<string, UsageUnit>
const perPiece = { request: "call", image: "image", web_search: "search", character: "character", second: "second" } as const satisfies Record<string, UsageUnit>

const DECIMALS_PER_TOKEN = 15
const DECIMALS_PER_PIECE = 9
const DECIMALS_OF_MARKUP = 6

function pricing({ sell, markupPpm }: TargetPrice): Readonly<Record<string, string>> {
  const amounts = (units: Readonly<Record<string, UsageUnit>>, decimals: number) =>
    Object.entries(units).flatMap(([name, unit]) => {
      const rate = sell.rates.units[unit]
      if (rate === undefined) return []
      return [[name, markupPpm === null ? decimal(rate, decimals) : decimal(rate * BigInt(markupPpm), decimals + DECIMALS_OF_MARKUP)]]
    })
  return Object.fromEntries([...amounts(perToken, DECIMALS_PER_TOKEN), ...amounts(perPiece, DECIMALS_PER_PIECE)]) as Readonly<Record<string, string>>
}

/** `amount` / 10^`decimals`, exactly, without trailing zeros. */
function decimal(amount: bigint, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, "0")
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, "")
}
