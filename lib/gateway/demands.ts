import type { FieldRule } from "#lib/catalog/field-rule.ts"
import { type GuardedFields, isOfFamily } from "#lib/catalog/guarded-fields.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { UsageUnit } from "#lib/kernel/usage.ts"
import type { Rates } from "#lib/ledger/rates.ts"
import { searchesMax } from "#lib/wire/chat/search-function.ts"

/** What a request asks for beyond tokens of text: each must have a price where it is served, and is held. */
export type Demands = {
  readonly serviceTier: { readonly tier: string; readonly param: string } | null
  readonly units: readonly DemandedUnit[]
  /** Bytes of text that may be billed as output although the model did not write them. */
  readonly outputBytes: number
  /** Calls of a channel that the answer may take, each of which reads the prompt again; absent: one. */
  readonly rounds?: number
}

export type DemandedUnit = {
  readonly unit: UsageUnit
  readonly param: string
  /** The most of them that the call may use. */
  readonly count: number
  /** The answer says how many there were; otherwise they count as used. */
  readonly reported: boolean
  /** A target without a price for it is asked without it. */
  readonly optional?: boolean
}

type Fields = Readonly<Record<string, unknown>>
type Found = { readonly value: unknown; readonly param: string }

/** What a plain request of text asks for beyond its tokens. */
export const NO_DEMANDS: Demands = { serviceTier: null, units: [], outputBytes: 0 }

/** Judges a request's fields by the catalogue's rules. What is refused is named, with the reason (W-132). */
export function readDemands(fields: Fields, guarded: GuardedFields): Result<Demands, GatewayError> {
  let demands = NO_DEMANDS
  for (const name of Object.keys(fields)) {
    const field = guarded.get(name.toLowerCase())
    if (field === undefined) continue
    if (name !== field.spelling) return refuse(name, `write it “${field.spelling}”`)
    for (const { rule, steps } of field.rules) {
      for (const found of findAll(fields, steps)) {
        const added = judge(rule, found, demands)
        if (!added.ok) return added
        demands = added.value
      }
    }
  }
  return ok(demands)
}

/** What is demanded of targets that get nothing optional. */
export const withoutOptional = (demands: Demands): Demands => (demands.units.some(({ optional }) => optional) ? { ...demands, units: demands.units.filter(({ optional }) => optional !== true) } : demands)

/** What is demanded of targets whose models search through this gateway: each search is a call of the channel more. */
export function withSearchRounds(demands: Demands): Demands {
  const units = demands.units.map((unit) => (unit.unit === "search" ? { ...unit, count: searchesMax(unit.reported ? unit.count : null), reported: true } : unit))
  return { ...demands, units, rounds: 1 + units.reduce((sum, { unit, count }) => (unit === "search" ? sum + count : sum), 0) }
}

/** What is demanded of an answer that takes one call. */
export function inOneRound(demands: Demands): Demands {
  if (demands.rounds === undefined) return demands
  const { rounds: _rounds, ...rest } = demands
  return rest
}

/** Whether a price covers what is demanded; otherwise the request's field that it has no price for. */
export function unpricedField({ serviceTier, units }: Demands, { units: priced, serviceTiers }: Rates): string | null {
  if (serviceTier !== null && !Object.hasOwn(serviceTiers ?? {}, serviceTier.tier)) return serviceTier.param
  return units.find(({ unit, optional }) => priced[unit] === undefined && optional !== true)?.param ?? null
}

function judge(rule: FieldRule, { value, param }: Found, demands: Demands): Result<Demands, GatewayError> {
  switch (rule.kind) {
    case "refuse":
      return isHarmless(value) || rule.harmless?.includes(value as string) || (typeof value === "string" && rule.unless?.test(value)) ? ok(demands) : refuse(param, rule.why)
    case "only":
      return rule.values.includes(value as string) || rule.families?.some((family) => isOfFamily(value, family)) ? ok(demands) : refuse(param, `${rule.why}; allowed: ${[...rule.values, ...(rule.families ?? [])].join(", ")}`)
    case "tier":
      if (isHarmless(value) || rule.harmless.includes(value as string)) return ok(demands)
      return typeof value === "string" ? ok({ ...demands, serviceTier: { tier: value, param } }) : refuse(param, "it must be a text")
    case "priced":
      if ((isHarmless(value) && !(rule.evenEmpty === true && isRecord(value))) || (rule.when !== undefined && value !== rule.when)) return ok(demands)
      return ok({ ...demands, units: [...demands.units, { unit: rule.unit, param, count: 1, reported: false }] })
    case "searches": {
      if (!isRecord(value) || !isOfFamily(value["type"], rule.family)) return ok(demands)
      const bound = value[rule.countField]
      const count = typeof bound === "number" && Number.isSafeInteger(bound) && bound > 0 ? bound : rule.assumed
      return ok({ ...demands, units: [...demands.units, { unit: "search", param: `${param}.type`, count, reported: true, ...(rule.optional && { optional: true }) }] })
    }
    case "members": {
      const other = isRecord(value) ? Object.keys(value).find((name) => !rule.names.includes(name) && value[name] !== null) : undefined
      return other === undefined ? ok(demands) : refuse(`${param}.${other}`, `${rule.why}; allowed: ${rule.names.join(", ")}`)
    }
    case "searching":
      return value === null || value === undefined ? ok(demands) : ok({ ...demands, units: [...demands.units, { unit: "search", param, count: rule.assumed, reported: true }] })
    case "output":
      return ok({ ...demands, outputBytes: demands.outputBytes + Buffer.byteLength(JSON.stringify(value) ?? "") })
  }
}

const refuse = (param: string, why: string): Result<never, GatewayError> =>
  err({ code: "unsupported_parameter", message: `${param} cannot be used here: ${why}.`, param })

const isRecord = (value: unknown): value is Fields => value !== null && typeof value === "object"

function isHarmless(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true
  return typeof value === "object" && Object.keys(value).length === 0
}

/** Everything at a path of the rules, with its own place in the request: `messages[2].content[0].file.file_id`. */
function findAll(fields: Fields, steps: readonly string[]): readonly Found[] {
  const found: Found[] = []
  findBelow(fields, steps, [], found)
  return found
}

/** `trail`: the steps that have led to this value. */
function findBelow(value: unknown, steps: readonly string[], trail: (string | number)[], found: Found[]): void {
  const step = steps[trail.length]
  if (step === undefined) {
    found.push({ value, param: placeOf(trail) })
  } else if (step === "[]") {
    if (!Array.isArray(value)) return
    for (let index = 0; index < value.length; index++) descend(value[index], index, steps, trail, found)
  } else if (value !== null && typeof value === "object" && Object.hasOwn(value, step)) {
    descend((value as Fields)[step], step, steps, trail, found)
  }
}

function descend(member: unknown, place: string | number, steps: readonly string[], trail: (string | number)[], found: Found[]): void {
  trail.push(place)
  findBelow(member, steps, trail, found)
  trail.pop()
}

const placeOf = (trail: readonly (string | number)[]): string =>
  trail.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("")
