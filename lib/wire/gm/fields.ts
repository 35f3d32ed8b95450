import { type Fields, isRecord } from "../request-fields.ts"

const snakes = new Map<string, string>()

/** A field's name as Google's definitions write it: `generationConfig` is `generation_config` there. */
export function snakeOf(name: string): string {
  const known = snakes.get(name)
  if (known !== undefined) return known
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  snakes.set(name, snake)
  return snake
}

/**
 * A member by its name in camel case. Google takes either spelling for one and the same field (Protocol Buffers, ProtoJSON format), and
 * its own examples for curl use both. `name` is one of ours, never a client's.
 */
export const member = (fields: Fields, name: string): unknown => fields[name] ?? fields[snakeOf(name)]

/** The spelling in which a field stands in an object; the camel case where it does not stand there. */
export const spellingOf = (fields: Fields, name: string): string => (!(name in fields) && snakeOf(name) in fields ? snakeOf(name) : name)

export const recordOf = (value: unknown): Fields => (isRecord(value) ? value : NOTHING)
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : NONE)
export const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null)

const NOTHING: Fields = {}
const NONE: readonly unknown[] = []
