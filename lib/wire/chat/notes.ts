import type { Notes, Unsupported } from "./codec.ts"
import type { ChatField } from "./request.ts"

type FieldNames = Readonly<Record<ChatField, string | null>>

export type Notebook = Notes & {
  /** In the client's words, each once. */
  readonly droppedPaths: readonly string[]
  readonly changes: readonly string[]
}

/** Collects what a translation left out or altered. A field that the client's dialect has no name for cannot have come from it. */
export function createNotebook(names: FieldNames, unknown: readonly string[]): Notebook {
  const dropped = new Set(unknown)
  const changed = new Map<string, string>()
  const pathOf = (field: ChatField, path = "") => (names[field] === null ? null : `${names[field]}${path}`)
  return {
    dropped(field, path) {
      const name = pathOf(field, path)
      if (name !== null) dropped.add(name)
    },
    changed(field, value, path) {
      const name = pathOf(field, path)
      if (name !== null) changed.set(name, value)
    },
    get droppedPaths() {
      return [...dropped]
    },
    get changes() {
      return [...changed].map(([name, value]) => `${name}=${value}`)
    },
  }
}

/** The client's name for a field that a target cannot express. */
export const unsupportedParam = ({ field, path = "" }: Unsupported, names: FieldNames): string => `${names[field] ?? field}${path}`
