import type { Actor, Program } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { ANY_MODEL, createPriceBook } from "#lib/ledger/price-resolution.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { mayChange, mayManageModels } from "./policy.ts"
import type { DescribedModel, Everything, ModelsRepository, PriceOwner } from "./repository.ts"
import type { DescribeModelInput, ModelInput, PriceInput, SetCeilingInput, SetCostInput, SetOwnPriceInput, SetSellInput } from "./schema.ts"
import { type CeilingView, type ModelDetail, type ModelSummary, type OwnPriceView, summarize, viewCeiling, viewHistory, viewOwnPrices } from "./views.ts"

type Dependencies = { readonly repository: ModelsRepository; readonly clock: Clock; readonly newId: NewId }

/** What a rule says: a price, a mark-up on the cost, or that what stands behind it applies again. */
type RuleContent = { readonly rates: Rates | null; readonly markupPpm: number | null }
type RulePlace = { readonly kind: "cost" | "sell"; readonly model: string; readonly channelId: string | null; readonly owner?: PriceOwner }

/** What one buyer pays for a model, where that is not what everybody pays. */
export type OwnPrice = { readonly name: string; readonly price?: PriceInput | undefined; readonly markup?: number | undefined }

/** Public models and their prices. Prices are only added: each holds from its date on, and what was charged can be recomputed for ever. */
export function createModelsService({ repository, clock, newId }: Dependencies) {
  const addRule = (actor: Actor, { owner, ...place }: RulePlace, content: RuleContent, effectiveFromMs: number) =>
    repository.systemAddRule({
      ...place,
      ...owner,
      id: newId("priceRule"),
      price: content.rates === null ? null : { id: priceVersionId(content.rates), rates: content.rates },
      markupPpm: content.markupPpm,
      effectiveFrom: new Date(effectiveFromMs),
      managedBy: actor.kind === "program" ? actor.file : null,
      createdById: actor.kind === "program" ? null : actor.userId,
      createdAt: new Date(clock.now()),
    })

  /** What is known of a model, if the actor may see it and it exists; and may change it, where that is asked. */
  async function find(actor: Actor, name: string, change: boolean): Promise<Result<Everything, FeatureError>> {
    if (!mayManageModels(actor)) return err(notFound)
    const found = await repository.systemRead([name])
    if (found.described.length === 0 && found.served.length === 0) return err(notFound)
    const managedBy = found.described[0]?.managedBy ?? null
    return change && !mayChange(actor, managedBy) ? err(managed(managedBy)) : ok(found)
  }

  /** From when on a person's change holds: what is past has been charged and cannot be priced anew. */
  function begin(effectiveMs: number | undefined): Result<number, FeatureError> {
    const nowMs = clock.now()
    // Today's date is midnight, which is past; whoever says "today" means "from now on".
    if (effectiveMs !== undefined && effectiveMs < nowMs - DAY_MS) return err({ kind: "invalid", key: "models.past", field: "effective" })
    return ok(Math.max(effectiveMs ?? nowMs, nowMs))
  }

  /** A channel whose costs the actor may change. */
  async function findChannel(actor: Actor, channelId: string): Promise<Result<string, FeatureError>> {
    const channel = mayManageModels(actor) ? await repository.systemFindChannel(channelId) : null
    if (channel === null) return err(notFound)
    return mayChange(actor, channel.managedBy) ? ok(channel.id) : err(managed(channel.managedBy))
  }

  async function addCost(actor: Actor, place: RulePlace, { mode, price, effective }: Omit<SetCostInput, "model" | "channelId">): Promise<Result<null, FeatureError>> {
    const from = begin(effective)
    if (!from.ok) return from
    if (mode === "price" && price === undefined) return err(noAmount)
    await addRule(actor, place, { rates: mode === "clear" ? null : (price ?? null), markupPpm: null }, from.value)
    return ok(null)
  }

  async function addSell(actor: Actor, place: RulePlace, { mode, price, markup, effective }: Omit<SetSellInput, "model">): Promise<Result<null, FeatureError>> {
    const from = begin(effective)
    if (!from.ok) return from
    if (mode === "price" && price === undefined) return err(noAmount)
    if (mode === "markup" && markup === undefined) return err({ kind: "invalid", key: "models.markup", field: "markup" })
    await addRule(actor, place, { rates: mode === "price" ? (price ?? null) : null, markupPpm: mode === "markup" ? (markup ?? null) : null }, from.value)
    return ok(null)
  }

  /** Adds the rule unless the one that holds at its time says the same. */
  async function reconcileRule(actor: Actor, place: RulePlace, content: RuleContent, effectiveFromMs: number | null): Promise<boolean> {
    const atMs = effectiveFromMs ?? clock.now()
    const rules = place.owner === undefined ? (await repository.systemRead([place.model])).rules : await repository.systemReadOwn(place.owner)
    const [current] = rules
      .filter((rule) => rule.kind === place.kind && rule.model === place.model && rule.channelId === place.channelId && rule.effectiveFromMs <= atMs)
      .sort((a, b) => b.effectiveFromMs - a.effectiveFromMs || (a.id < b.id ? 1 : -1))
    const wanted = content.rates === null ? null : priceVersionId(content.rates)
    if (current !== undefined && (current.price?.id ?? null) === wanted && current.markupPpm === content.markupPpm) return false
    await addRule(actor, place, content, atMs)
    return true
  }

  return {
    async list(actor: Actor): Promise<Result<readonly ModelSummary[], FeatureError>> {
      if (!mayManageModels(actor)) return err(notFound)
      const everything = await repository.systemRead()
      return ok(summarize(everything, createPriceBook(everything.rules), clock.now()))
    },

    async get(actor: Actor, name: string): Promise<Result<ModelDetail, FeatureError>> {
      const found = await find(actor, name, false)
      if (!found.ok) return found
      const atMs = clock.now()
      const [summary] = summarize(found.value, createPriceBook(found.value.rules), atMs)
      if (summary === undefined) return err(notFound)
      const { contextTokens = null, outputTokensMax = null } = found.value.described[0] ?? {}
      return ok({ ...summary, own: { contextTokens, outputTokensMax }, history: viewHistory(name, found.value.rules, found.value.served, atMs) })
    },

    async describe(actor: Actor, input: DescribeModelInput): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.model, true)
      if (!found.ok) return found
      const { model: name, contextTokens = null, outputTokensMax = null, enabled } = input
      await repository.systemDescribe(newId("model"), { name, contextTokens, outputTokensMax, enabled, managedBy: null }, new Date(clock.now()))
      return ok(null)
    },

    /** What the model costs us: everywhere, or on one channel. */
    async setCost(actor: Actor, input: SetCostInput): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.model, input.channelId === undefined)
      if (!found.ok) return found
      if (input.channelId !== undefined) {
        const channel = await findChannel(actor, input.channelId)
        if (!channel.ok) return channel
        if (!found.value.served.some((target) => target.channelId === channel.value)) return err(notFound)
      }
      return addCost(actor, { kind: "cost", model: input.model, channelId: input.channelId ?? null }, input)
    },

    /** What a model of a channel costs us of which nothing else is known: a ceiling, so that it is served; without one it is refused. */
    async setCeiling(actor: Actor, input: SetCeilingInput): Promise<Result<null, FeatureError>> {
      const channel = await findChannel(actor, input.channelId)
      return channel.ok ? addCost(actor, { kind: "cost", model: ANY_MODEL, channelId: channel.value }, input) : channel
    },

    async ceiling(actor: Actor, channelId: string): Promise<Result<CeilingView, FeatureError>> {
      if (!mayManageModels(actor) || (await repository.systemFindChannel(channelId)) === null) return err(notFound)
      return ok(viewCeiling((await repository.systemRead([])).rules, channelId, clock.now()))
    },

    /** What the model is sold for: a price, or a mark-up on the answering channel's cost. */
    async setSell(actor: Actor, input: SetSellInput): Promise<Result<null, FeatureError>> {
      const found = await find(actor, input.model, true)
      if (!found.ok) return found
      return addSell(actor, { kind: "sell", model: input.model, channelId: null }, input)
    },

    /** What an organization, or whoever is on a plan, pays for a model, whatever others pay. */
    async setOwnPrice(actor: Actor, { owner, ...input }: SetOwnPriceInput): Promise<Result<null, FeatureError>> {
      if (!mayManageModels(actor)) return err(notFound)
      const found = await repository.systemFindOwner(owner)
      if (found === null) return err(notFound)
      if (!mayChange(actor, found.managedBy)) return err(managed(found.managedBy))
      const { described, served } = await repository.systemRead([input.model])
      if (described.length === 0 && served.length === 0) return err({ kind: "invalid", key: "models.unknown", field: "model" })
      return addSell(actor, { kind: "sell", model: input.model, channelId: null, owner }, input)
    },

    /** Brings a model to what a file says of it. What the file does not say of it stays. */
    async reconcile(actor: Program, input: ModelInput): Promise<Result<"created" | "updated" | "unchanged", FeatureError>> {
      const { described } = await repository.systemRead([input.name])
      const [row] = described
      const wanted: DescribedModel = {
        name: input.name,
        contextTokens: input.contextTokens ?? row?.contextTokens ?? null,
        outputTokensMax: input.outputTokensMax ?? row?.outputTokensMax ?? null,
        enabled: input.enabled,
        managedBy: actor.file,
      }
      let changed = row === undefined || fields.some((field) => row[field] !== wanted[field])
      if (changed) await repository.systemDescribe(newId("model"), wanted, new Date(clock.now()))
      for (const rule of rulesOf(input)) {
        if (await reconcileRule(actor, { kind: rule.kind, model: input.name, channelId: null }, rule.content, rule.effectiveFromMs)) changed = true
      }
      return ok(row === undefined ? "created" : changed ? "updated" : "unchanged")
    },

    /**
     * Brings what an organization, or whoever is on a plan, pays for a model to a price or a mark-up; neither: to what everybody pays. True
     * where something was added.
     */
    async reconcileOwnPrice(actor: Actor, owner: PriceOwner, { name: model, price, markup: markupPpm }: OwnPrice): Promise<boolean> {
      const place = { kind: "sell", model, channelId: null, owner } as const
      if (price === undefined && markupPpm === undefined && !(await repository.systemReadOwn(owner)).some((rule) => rule.model === model)) return false
      return reconcileRule(actor, place, { rates: price?.rates ?? null, markupPpm: markupPpm ?? null }, price?.effectiveFromMs ?? null)
    },

    /** What an organization, or whoever is on a plan, pays at the moment for models that others pay something else for. */
    async ownPrices(actor: Actor, owner: PriceOwner): Promise<readonly OwnPriceView[]> {
      return mayManageModels(actor) ? viewOwnPrices(await repository.systemReadOwn(owner), clock.now()) : []
    },

    /** Brings what one channel asks for a model to what a file says. True where something was added. */
    reconcileChannelCost: (actor: Program, place: { readonly channelId: string; readonly model: string }, cost: PriceInput): Promise<boolean> =>
      reconcileRule(actor, { kind: "cost", ...place }, { rates: cost.rates, markupPpm: null }, cost.effectiveFromMs),

    /** Brings a channel's ceiling to what a file says; absent: there is none, whoever set it. True where something was added. */
    async reconcileCeiling(actor: Program, channelId: string, ceiling: PriceInput | undefined): Promise<boolean> {
      if (ceiling === undefined && viewCeiling((await repository.systemRead([])).rules, channelId, clock.now()).price === null) return false
      return reconcileRule(actor, { kind: "cost", model: ANY_MODEL, channelId }, { rates: ceiling?.rates ?? null, markupPpm: null }, ceiling?.effectiveFromMs ?? null)
    },
  }
}

export type ModelsService = ReturnType<typeof createModelsService>

const DAY_MS = 86_400_000
const fields = ["contextTokens", "outputTokensMax", "enabled", "managedBy"] as const
const noAmount: FeatureError = { kind: "invalid", key: "models.noAmount", field: "price" }
const managed = (by: string | null): FeatureError => ({ kind: "managed", key: "managed", params: { file: by ?? "" } })

type RuleOfFile = { readonly kind: "cost" | "sell"; readonly content: RuleContent; readonly effectiveFromMs: number | null }

function rulesOf({ cost, price, markup }: ModelInput): readonly RuleOfFile[] {
  return [
    cost && { kind: "cost" as const, content: { rates: cost.rates, markupPpm: null }, effectiveFromMs: cost.effectiveFromMs },
    price && { kind: "sell" as const, content: { rates: price.rates, markupPpm: null }, effectiveFromMs: price.effectiveFromMs },
    markup !== undefined && { kind: "sell" as const, content: { rates: null, markupPpm: markup }, effectiveFromMs: null },
  ].filter((rule) => rule !== undefined && rule !== false)
}
