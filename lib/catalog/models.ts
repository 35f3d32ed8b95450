import catalog from "./models.json" with { type: "json" }
import { kindByName, type ModelKind } from "./model-kinds.ts"
import type { ProviderDefinition } from "./provider.ts"

export const modalities = ["text", "image", "audio", "video", "pdf"] as const
export type Modality = (typeof modalities)[number]

/** A model as its maker or a reseller lists it. Absent facts are unknown. */
export type CatalogModel = {
  /** Whose list this is: a provider's id, or a maker without a preset of its own (`moonshot`). */
  readonly seller: string
  /** The seller's name for it: what goes upstream. */
  readonly id: string
  /** Absent: chat. */
  readonly kind?: ModelKind
  readonly name?: string
  readonly context?: number
  readonly output?: number
  readonly input?: readonly Modality[]
  /** List price in the shape of turnpike.yaml: decimal dollars per unit (lib/ledger/rates.ts, `ratesInput`). */
  readonly price?: Readonly<Record<string, unknown>>
  /** Packages and pages that the row came from, as indexes into the catalogue's sources. */
  readonly from: readonly number[]
}

type Catalog = {
  readonly sources: readonly string[]
  readonly offers: Readonly<Record<string, readonly string[]>>
  readonly models: readonly CatalogModel[]
}

const { sources, offers, models } = catalog as unknown as Catalog

/** Presets that sell another one's models, at that one's list price: plans, and the same vendor in another country. */
const sellersOf: Readonly<Record<string, readonly string[]>> = {
  zhipu: ["zai"],
  "zhipu-coding": ["zhipu", "zai"],
  "zai-coding": ["zai"],
  "kimi-coding": ["kimi-coding", "moonshot"],
  "qwen-coding": ["qwen"],
  "minimax-coding": ["minimax"],
  "azure-openai": ["openai"],
  vertex: ["gemini", "anthropic"],
}

/** How a cloud spells its makers' names for their models: Vertex AI has a version behind an at sign, and words for the newest one. */
const spellings: Readonly<Record<string, (upstream: string) => string>> = { vertex: (upstream) => upstream.replace(/@(?:default|latest)$/, "").replace("@", "-") }

/** Who is asked about a model of an unknown or a many-vendor provider, in this order: makers, whose price is the list price. */
const makers = ["openai", "anthropic", "gemini", "deepseek", "mistral", "xai", "zai", "moonshot", "minimax", "qwen"] as const

/** The public model that the built-in sandbox answers for; test keys get its answers whatever model they name. */
export const SANDBOX_MODEL = "sandbox"

/** Names come from operators, not from callers; the bound is for a list that somebody generates. */
const ANSWERS_MAX = 10_000

/** What every call to the built-in sandbox pretends to cost. */
const sandbox: CatalogModel = { seller: "sandbox", id: SANDBOX_MODEL, name: "Sandbox", context: 128_000, output: 16_384, input: ["text"], price: { input: "1", output: "2", image: "0.01", second: "0.0001", character: "0.00001", search: "0.001" }, from: [] }

/** Built on first use: most processes that import the catalogue only want presets. */
let index: ReadonlyMap<string, CatalogModel> | null = null

const key = (seller: string, id: string) => `${seller} ${id.toLowerCase()}`

function indexed(): ReadonlyMap<string, CatalogModel> {
  index ??= new Map([sandbox, ...models].map((model) => [key(model.seller, model.id), model]))
  return index
}

/** Answers so far: the same question gives the same object, by which prices that were read are remembered (lib/ledger/list-price.ts). */
const answers = new Map<string, CatalogModel | null>()

/**
 * What the catalogue knows of the model that a provider calls `upstream`: the provider's own row, else that of the vendor whose
 * models it sells, else that of the model's maker; a row with a price before one without, and facts that it lacks from the others.
 * Null where nobody lists it. Case does not matter.
 */
export function findCatalogModel(providerId: string, upstream: string): CatalogModel | null {
  const question = key(providerId, upstream)
  const known = answers.get(question)
  if (known !== undefined) return known
  const sellers = [...new Set([providerId, ...(sellersOf[providerId] ?? []), ...makers])]
  const name = spellings[providerId]?.(upstream) ?? upstream
  const rows = sellers.flatMap((seller) => indexed().get(key(seller, name)) ?? [])
  const best = rows.find((model) => model.price !== undefined) ?? rows[0]
  // Of the others only facts are taken: a price that one row lacks (a cache's, a tier's) is another seller's price.
  const facts = rows.toReversed().reduce((all, { context, output, input }) => ({ ...all, ...(context && { context }), ...(output && { output }), ...(input && { input }) }), {})
  const answer = best === undefined ? null : { ...facts, ...best }
  if (answers.size < ANSWERS_MAX) answers.set(question, answer)
  return answer
}

/** What a provider's model is for: as the catalogue says, else by its name. Undefined: chat. */
export const kindOfModel = (providerId: string, upstream: string): ModelKind | undefined => {
  const known = findCatalogModel(providerId, upstream)
  return known === null ? kindByName(upstream) : known.kind
}

/** Upstream model names that a provider offers, for the form's suggestions: its favourites first, each once. */
export function modelSuggestions(provider: ProviderDefinition): readonly string[] {
  const sellers = [provider.id, ...(offers[provider.id] === undefined ? (sellersOf[provider.id] ?? []) : [])]
  const listed = models.filter((model) => sellers.includes(model.seller)).map((model) => model.id)
  return [...new Set([...(provider.suggestedModels ?? []), ...(offers[provider.id] ?? []), ...listed])]
}

/** Where a row's facts came from: packages with their versions, vendors' pages with the day they were read. */
export const sourcesOf = (model: CatalogModel): readonly string[] => model.from.map((position) => sources[position] ?? "unknown")

/** Every row, for tests and lists. */
export const catalogModels = (): readonly CatalogModel[] => models

