/**
 * Maintainer's script: `node scripts/update-catalog.mjs [--check]`. Writes lib/catalog/models.json from the npm tarballs of three
 * packages and prints what changed; `--check` only prints. Facts alone are taken: ids, context, output, modalities, list prices.
 * Every row names the packages that it came from. Nothing of the packages is installed; `npm pack` brings them to a temporary folder.
 *
 * Whose price counts: `@pydantic/genai-prices` knows more units, dates and times of day, `@earendil-works/pi-ai` knows new models
 * sooner. Where both price a model alike they are merged; where they differ, genai-prices counts if it prices by the time of day
 * (pi-ai cannot say that), else pi-ai. Differences are printed, to be looked at. A vendor's own page counts more than both
 * (catalog-pages.mjs).
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { kindByName } from "#lib/catalog/model-kinds.ts"
import { modelsOfPages, pricesOfPages } from "./catalog-pages.mjs"

const TARGET = "lib/catalog/models.json"
const BYTES_MAX = 500_000
const PI = "@earendil-works/pi-ai"
const GENAI = "@pydantic/genai-prices"
const MASTRA = "@mastra/core"

/** A maker or reseller whose list prices the catalogue keeps: its name here and in each package. */
const sellers = [
  { id: "openai", pi: ["openai"], genai: "openai", mastra: "openai" },
  { id: "anthropic", pi: ["anthropic"], genai: "anthropic", mastra: "anthropic" },
  { id: "gemini", pi: ["google"], genai: "google", mastra: "google" },
  { id: "deepseek", pi: ["deepseek"], genai: "deepseek", mastra: "deepseek" },
  { id: "mistral", pi: ["mistral"], genai: "mistral", mastra: "mistral" },
  { id: "xai", pi: ["xai"], genai: "x-ai", mastra: "xai" },
  { id: "zai", pi: ["zai", "zai-coding-cn"], genai: "zai", mastra: "zai" },
  { id: "zhipu", pi: [], genai: "zhipuai", mastra: "zhipuai" },
  { id: "moonshot", pi: ["moonshotai"], genai: "moonshotai", mastra: "moonshotai" },
  { id: "kimi-coding", pi: ["kimi-coding"], mastra: "kimi-code-plan-cn" },
  { id: "minimax", pi: ["minimax"], genai: "minimax", mastra: "minimax" },
  { id: "qwen", pi: ["qwen-token-plan", "qwen-token-plan-cn"], mastra: "alibaba", only: /^qwen/ },
  { id: "bedrock", pi: ["amazon-bedrock"], genai: "aws", mastra: "amazon-bedrock", places: true, cacheHour: /anthropic\.claude-(?:fable|(?:opus|sonnet|haiku)-(?:4-[5-9]|[5-9]))/ },
  { id: "groq", pi: ["groq"], genai: "groq", mastra: "groq" },
  { id: "openrouter", pi: ["openrouter"], mastra: "openrouter" },
]

/** Presets of lib/catalog/providers.ts whose offer differs from a seller's list: what their form suggests. */
const offers = {
  zhipu: "zhipuai",
  "zhipu-coding": "zhipuai-coding-plan",
  zai: "zai",
  "zai-coding": "zai-coding-plan",
  "kimi-coding": "kimi-code-plan-cn",
  "ark-coding": "volcengine-coding-plan",
  "qwen-coding": "alibaba-coding-plan-cn",
  "minimax-coding": "minimax-cn-coding-plan",
  ollama: "ollama-cloud",
}

const perMillion = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cacheRead",
  cache_write_mtok: "cacheWrite5m",
  cache_write_1h_mtok: "cacheWrite1h",
  output_reasoning_mtok: "reasoning",
  input_audio_mtok: "inputAudio",
  output_audio_mtok: "outputAudio",
  input_image_mtok: "inputImage",
  output_image_mtok: "outputImage",
}

function unpack(folder, name) {
  const [{ filename, version }] = JSON.parse(execFileSync("npm", ["pack", name, "--json", "--pack-destination", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }))
  const target = mkdtempSync(join(folder, "package-"))
  execFileSync("tar", ["xzf", join(folder, filename), "-C", target, "--strip-components", "1"])
  return { path: target, tag: `${name}@${version}` }
}

/** A price as it is written in turnpike.yaml: a decimal string, never a float. JavaScript prints the shortest text that reads back. */
function dollars(value) {
  const text = String(value)
  return /e/.test(text) ? value.toFixed(12).replace(/\.?0+$/, "") : text
}

/** Per-unit price of something sold by the thousand, in whole nano-dollars. */
const each = (perThousand) => dollars(Number((perThousand / 1000).toFixed(9)))

function piRates(cost) {
  if (cost === undefined || (cost.input === 0 && cost.output === 0)) return null
  // pi-ai writes 0 for "no such price"; a cache that is free is not known to any vendor here.
  const units = ({ input, output, cacheRead, cacheWrite }) => ({
    input: dollars(input),
    ...(output > 0 && { output: dollars(output) }),
    ...(cacheRead > 0 && { cacheRead: dollars(cacheRead) }),
    ...(cacheWrite > 0 && { cacheWrite5m: dollars(cacheWrite) }),
  })
  const tiers = (cost.tiers ?? []).map(({ inputTokensAbove, ...rates }) => ({ above: inputTokensAbove, ...units(rates) }))
  return { ...units(cost), ...(tiers.length > 0 && { tiers }) }
}

const priceOf = (value) => (typeof value === "number" ? value : value.base)

function genaiUnits(prices) {
  const rates = {}
  const tiers = new Map()
  for (const [key, value] of Object.entries(prices)) {
    const unit = perMillion[key]
    if (unit === undefined) continue
    rates[unit] = dollars(priceOf(value))
    for (const { start, price } of typeof value === "object" ? value.tiers : []) tiers.set(start, { ...tiers.get(start), [unit]: dollars(price) })
  }
  if (prices.web_searches_kcount !== undefined) rates.search = each(priceOf(prices.web_searches_kcount))
  // A price of whole audio hours: `second` counts seconds.
  if (prices.input_audio_hours !== undefined) rates.second = dollars(Number((priceOf(prices.input_audio_hours) / 3600).toFixed(9)))
  if (tiers.size > 0) rates.tiers = [...tiers].sort(([a], [b]) => a - b).map(([above, units]) => ({ above, ...units }))
  return rates
}

/** A vendor's passing discount is no list price; genai-prices says in words where it took one. */
const isPromotion = (model) => /promotion/i.test(model.price_comments ?? "")

/** genai-prices lists conditional prices oldest first; the last whose condition holds counts. */
function genaiRates(model, today) {
  const entries = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]
  const dated = entries.filter(({ constraint }) => constraint === undefined || (constraint.type === "start_date" && constraint.start_date <= today)).at(-1)
  if (dated === undefined) return null
  const rates = genaiUnits(dated.prices)
  if (rates.input === undefined && rates.second === undefined) return null
  const schedule = entries
    .filter(({ constraint }) => constraint?.type === "time_of_date")
    .map(({ constraint, prices }) => ({ from: constraint.start_time.slice(0, 5), to: constraint.end_time.slice(0, 5), timeZone: "UTC", ...genaiUnits(prices) }))
  return { ...rates, ...(schedule.length > 0 && { schedule }) }
}

function mergeRates(label, pi, genai, conflicts) {
  if (pi === null || genai === null) return pi ?? genai
  const alike = Number(pi.input) === Number(genai.input) && Number(pi.output ?? 0) === Number(genai.output ?? 0)
  if (alike) return { ...pi, ...genai }
  conflicts.push(`${label}: pi-ai ${pi.input}/${pi.output}, genai-prices ${genai.input}/${genai.output}${genai.schedule ? " by time of day" : ""}`)
  return genai.schedule === undefined ? pi : genai
}

/** “1-hour cache write tokens are 2 times the base input tokens price”, on every platform (Anthropic, pricing); no package has it for clouds. */
const CACHE_HOUR = "https://platform.claude.com/docs/en/about-claude/pricing (2026-11-25)"

function withCacheHour(rates) {
  if (rates.cacheWrite5m === undefined || rates.cacheWrite1h !== undefined) return rates
  const tiers = rates.tiers?.map((tier) => withCacheHour(tier))
  return { ...rates, cacheWrite1h: dollars(Number((2 * Number(rates.input)).toFixed(9))), ...(tiers && { tiers }) }
}

function piModels(root, names, only) {
  const models = new Map()
  for (const name of names) {
    const apis = JSON.parse(readFileSync(join(root, "dist/providers/data", `${name}.json`), "utf8"))
    for (const model of Object.values(apis).flatMap((api) => Object.values(api))) {
      // "~" are moving aliases of OpenRouter, ":batch" a service tier of it.
      if (model.type !== "chat" || /^~|:batch$/.test(model.id) || (only && !only.test(model.id)) || models.has(model.id)) continue
      models.set(model.id, model)
    }
  }
  return models
}

/** A model of Bedrock without its place, its date and its version: genai-prices finds names by how they begin, and so newer models under older ones. */
const coreOf = (id) => id.replace(/^(?:regional|global|us-gov|us|eu|apac|jp|au|ca|in)\./, "").replace(/-\d{8}/, "").replace(/-v\d+(?::\d+)?$/, "")

/** What pi-ai says a model costs. Of one that is called in its region it has the price of all the world, and that of the region under its profile there. */
const costOf = (known, id, { places }) => (places && /^anthropic\./.test(id) && known.has(`us.${id}`) ? known.get(`us.${id}`) : known.get(id))?.cost

function rowsOf(seller, sources, today, conflicts) {
  const { pi, genai, mastra } = sources
  const known = piModels(pi.path, seller.pi, seller.only)
  const listed = new Set(mastra.registry.models[seller.mastra] ?? [])
  const priced = seller.genai === undefined ? null : genai.module.findProvider({ providerId: seller.genai })
  const spelled = new Map([...listed].map((id) => [id.toLowerCase(), id]))
  // Models that only genai-prices prices are taken where the vendor still lists them.
  const more = (priced?.models ?? []).map(({ id }) => spelled.get(id.toLowerCase())).filter((id) => id !== undefined && !known.has(id))
  const rows = [...known.keys(), ...more].map((id) => {
    const model = known.get(id)
    const match = priced === null ? null : (genai.module.calcPrice({ input_tokens: 1 }, id, { providerId: seller.genai })?.model ?? null)
    const other = seller.places && match !== null && coreOf(match.id) !== coreOf(id)
    const exact = match !== null && !other && !isPromotion(match) && (match.id.toLowerCase() === id.toLowerCase() || !known.has(match.id)) ? match : null
    const fromPi = piRates(costOf(known, id, seller))
    const fromGenai = exact === null ? null : genaiRates(exact, today)
    const price = id.endsWith(":free") ? { input: "0", output: "0" } : mergeRates(`${seller.id} ${id}`, fromPi, fromGenai, conflicts)
    const hour = price !== null && price.cacheWrite5m !== undefined && price.cacheWrite1h === undefined && seller.cacheHour?.test(id) === true
    const context = model?.contextWindow ?? exact?.context_window
    return {
      seller: seller.id,
      id,
      ...((model?.name ?? exact?.name) && { name: model?.name ?? exact?.name }),
      ...(context && { context }),
      ...(model?.maxTokens && { output: model.maxTokens }),
      ...(model?.input && { input: model.input }),
      ...(price !== null && { price: hour ? withCacheHour(price) : price }),
      from: [model && pi.tag, fromGenai && genai.tag, listed.has(id) && mastra.tag, hour && CACHE_HOUR].filter(Boolean),
    }
  })
  return rows.filter(({ price, context }) => price !== undefined || context !== undefined)
}

/** Puts the prices of vendors' pages in place; says so where a package's row that one was for is gone. */
function withPages(models, conflicts) {
  const pages = new Map(pricesOfPages.map((page) => [`${page.seller} ${page.id}`, page]))
  const priced = models.map((model) => {
    const key = `${model.seller} ${model.id}`
    const page = pages.get(key)
    pages.delete(key)
    return page === undefined ? model : { ...model, price: page.price, from: [...model.from, page.source] }
  })
  for (const key of pages.keys()) conflicts.push(`${key}: its vendor's page was read, and no package lists it any more`)
  return priced
}

/** Adds the models that no package lists; says so where one does by now. */
function withMore(models, conflicts) {
  const listed = new Set(models.map(({ seller, id }) => `${seller} ${id}`))
  const more = modelsOfPages.filter(({ seller, id }) => {
    if (!listed.has(`${seller} ${id}`)) return true
    conflicts.push(`${seller} ${id}: a package lists it by now`)
    return false
  })
  return [...models, ...more.map(({ source, ...row }) => ({ ...row, from: [source] }))]
}

/** Says what a model is for where it is not chat. */
const withKind = ({ seller, id, ...row }) => ({ seller, id, ...(kindByName(id) && { kind: kindByName(id) }), ...row })

function printDifference(before, after) {
  const index = (rows) => new Map(rows.map((row) => [`${row.seller} ${row.id}`, JSON.stringify({ ...row, from: undefined })]))
  const [old, fresh] = [index(before), index(after)]
  for (const [key, row] of fresh) {
    if (!old.has(key)) console.log(`+ ${key}`)
    else if (old.get(key) !== row) console.log(`~ ${key}\n    ${old.get(key)}\n    ${row}`)
  }
  for (const key of old.keys()) if (!fresh.has(key)) console.log(`- ${key}`)
}

/** One row a line, so that a change reads as a change of that row. */
function encode({ sources, offers, models }) {
  const lines = (items) => items.map((item) => `    ${JSON.stringify(item)}`).join(",\n")
  const offerLines = Object.entries(offers).map(([id, ids]) => `    ${JSON.stringify(id)}: ${JSON.stringify(ids)}`)
  const compact = models.map(({ from, ...row }) => ({ ...row, from: from.map((tag) => sources.indexOf(tag)) }))
  return `{\n  "sources": ${JSON.stringify(sources)},\n  "offers": {\n${offerLines.join(",\n")}\n  },\n  "models": [\n${lines(compact)}\n  ]\n}\n`
}

const folder = mkdtempSync(join(tmpdir(), "turnpike-catalog-"))
try {
  const [pi, genai, mastra] = [PI, GENAI, MASTRA].map((name) => unpack(folder, name))
  genai.module = await import(pathToFileURL(join(genai.path, "dist/index.js")).href)
  mastra.registry = JSON.parse(readFileSync(join(mastra.path, "dist", readdirSync(join(mastra.path, "dist")).find((file) => file === "provider-registry.json")), "utf8"))
  const today = new Date().toISOString().slice(0, 10)
  const conflicts = []
  const listed = sellers.flatMap((seller) => rowsOf(seller, { pi, genai, mastra }, today, conflicts))
  const models = withMore(withPages(listed, conflicts), conflicts).map(withKind)
  const catalog = {
    sources: [pi.tag, genai.tag, mastra.tag, CACHE_HOUR, ...new Set([...pricesOfPages, ...modelsOfPages].map(({ source }) => source).filter((source) => source !== genai.tag))],
    offers: Object.fromEntries(Object.entries(offers).map(([id, name]) => [id, mastra.registry.models[name] ?? []])),
    models,
  }
  let before = []
  try {
    before = JSON.parse(readFileSync(TARGET, "utf8")).models
  } catch (error) {
    if (error.code !== "ENOENT") throw error
  }
  printDifference(before, models)
  for (const conflict of conflicts) console.log(`! prices differ: ${conflict}`)
  const text = encode(catalog)
  if (text.length > BYTES_MAX) throw new Error(`${TARGET} would have ${text.length} bytes; at most ${BYTES_MAX} are committed`)
  if (!process.argv.includes("--check")) writeFileSync(TARGET, text)
  console.log(`${models.length} models, ${models.filter(({ price }) => price).length} with a price, ${text.length} bytes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
