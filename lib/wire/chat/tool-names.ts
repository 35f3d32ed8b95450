import { createHash } from "node:crypto"

export type ToolNames = {
  /** The name that the target gets. */
  sent(name: string): string
  /** The client's names by the aliases that stand for them (`EncodedRequest.toolNames`); a name that is sent as it is has none. */
  readonly aliases: ReadonlyMap<string, string>
}

const HASH_CHARACTERS = 8

/**
 * Names for a target that takes letters, digits, `_` and `-`, at most `charactersMax` of them (W-22). A name that breaks this gets an
 * alias: its own readable beginning and a part of its hash, so that it is the same in every request of a conversation and no two names
 * share one.
 */
export function createToolNames(charactersMax: number): ToolNames {
  const aliases = new Map<string, string>()
  const sent = new Map<string, string>()
  return {
    aliases,
    sent(name) {
      const known = sent.get(name)
      if (known !== undefined) return known
      const alias = isTaken(name, charactersMax) ? name : aliasOf(name, charactersMax)
      sent.set(name, alias)
      if (alias !== name) aliases.set(alias, name)
      return alias
    },
  }
}

const isTaken = (name: string, charactersMax: number): boolean => name.length <= charactersMax && /^[A-Za-z0-9_-]+$/.test(name)

function aliasOf(name: string, charactersMax: number): string {
  const hash = createHash("sha256").update(name, "utf8").digest("hex").slice(0, HASH_CHARACTERS)
  const readable = name.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, charactersMax - HASH_CHARACTERS - 1)
  return `${readable}_${hash}`
}
