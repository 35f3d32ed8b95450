import { hash as digest, randomBytes } from "node:crypto"
import type { ChangeFeed } from "#lib/adapters/changes.ts"
import type { Database } from "#lib/adapters/database.ts"
import { type LoadedKey, loadKey } from "#lib/adapters/key-principal.ts"
import type { KeyDirectory, KeyLookup } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"

/** What the directory must know of secrets; lib/features/keys/secret.ts implements it. */
export type SecretFormat = {
  /** False: no key can have this secret, so none is looked up. */
  readonly plausible: (secret: string) => boolean
  /** One per pepper, the current one first: after a change of the server's secret, older keys still stand under the previous one. */
  readonly hashes: readonly [HashSecret, ...HashSecret[]]
}
type HashSecret = (secret: string) => string

export type KeyDirectoryOptions = {
  readonly database: Pick<Database, "sql">
  readonly changes: Pick<ChangeFeed, "subscribe">
  readonly clock: Clock
  readonly secrets: SecretFormat
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
  /** Keys held in memory at most; a principal with its quotas takes about 2 KB. */
  readonly keysMax?: number
}

const KEYS_MAX = 20_000
const STRANGERS_MAX = 20_000
const STRANGER_TTL_MS = 30_000
/** Look-ups at a time. A flood of unknown secrets beyond it is turned away instead of taking every connection from the rest. */
const LOOKUPS_MAX = 64
const LOOKUP_MS_MAX = 3_000

const ABSENT: KeyLookup = { kind: "absent" }
const UNAVAILABLE: KeyLookup = { kind: "unavailable" }

/** One look-up on its way. `stale`: something changed meanwhile, so its answer is given but not kept. */
type Flight = { readonly answer: Promise<KeyLookup>; stale: boolean }

/**
 * Keys by secret, from memory. Entries are held by the secret's hash, never by the secret: no plain text outlives the request that
 * brought it. A key that exists but may not be used (revoked, its member removed, its
 * organization disabled) is held like any other, and so is each unknown hash for `STRANGER_TTL_MS`.
 *
 * Entries leave when the change feed names the key's hash, or the organization, member, project or person behind it. While the
 * database is away, known keys go on being answered.
 */
export function createKeyDirectory(options: KeyDirectoryOptions): KeyDirectory {
  const { database, changes, clock, secrets, log, keysMax = KEYS_MAX } = options
  const known = createKnownKeys(keysMax)
  const shortcuts = createShortcuts(keysMax)
  /** Hashes that no key has, with the monotonic time until which that is believed. */
  const strangers = new Map<string, number>()
  const flights = new Map<string, Flight>()

  const remember = (hash: string, key: LoadedKey | null): void => {
    if (key !== null) return known.add(key)
    strangers.set(hash, clock.monotonic() + STRANGER_TTL_MS)
    if (strangers.size > STRANGERS_MAX) strangers.delete(strangers.keys().next().value ?? hash)
  }

  /** Whose key a look-up will find is not known before it ends, so a change makes all of them stale. */
  const abandonFlights = (): void => {
    for (const flight of flights.values()) flight.stale = true
    flights.clear()
  }

  changes.subscribe(["api_key", "quota", "organization", "subscription", "membership", "app_user"], (changed) => {
    abandonFlights()
    if (changed === "everything") {
      known.clear()
      strangers.clear()
      return
    }
    for (const { topic, subject } of changed) {
      if (topic === "api_key") {
        known.remove(subject)
        strangers.delete(subject)
      } else known.removeOwnedBy(subject)
    }
  })

  const lookUp = (secret: string, hash: string): Flight => {
    const hashes = secrets.hashes.map((hashOf) => hashOf(secret))
    const flight: Flight = {
      stale: false,
      answer: withinTime(database.sql(null, (client) => loadKey(client, hashes)))
        .then((key) => {
          if (!flight.stale) remember(hash, key)
          return answerFor(key, clock.now())
        })
        .catch((error: unknown) => {
          log("warn", "keys.lookupFailed", { detail: error instanceof Error ? error.message : String(error) })
          return UNAVAILABLE
        })
        .finally(() => {
          if (flights.get(hash) === flight) flights.delete(hash)
        }),
    }
    flights.set(hash, flight)
    return flight
  }

  return {
    find(secret) {
      const shortcut = shortcuts.nameOf(secret)
      const hashBefore = shortcuts.hashOf(shortcut)
      const usual = hashBefore === undefined ? undefined : known.get(hashBefore)
      if (usual !== undefined) return answerFor(usual, clock.now())
      if (!secrets.plausible(secret)) return ABSENT
      for (const hashOf of secrets.hashes) {
        const key = known.get(hashOf(secret))
        if (key === undefined) continue
        shortcuts.add(shortcut, key.secretHash)
        return answerFor(key, clock.now())
      }
      const hash = secrets.hashes[0](secret)
      const believedUntil = strangers.get(hash)
      if (believedUntil !== undefined) {
        if (clock.monotonic() < believedUntil) return ABSENT
        strangers.delete(hash)
      }
      const flight = flights.get(hash)
      if (flight !== undefined) return flight.answer
      return flights.size < LOOKUPS_MAX ? lookUp(secret, hash).answer : UNAVAILABLE
    },
  }
}

function answerFor(key: LoadedKey | null, nowMs: number): KeyLookup {
  if (key === null || !key.usable) return ABSENT
  const { expiresAtMs } = key.principal
  return expiresAtMs !== null && expiresAtMs <= nowMs ? ABSENT : { kind: "found", principal: key.principal }
}

/** The keys in memory, least recently used first, with an index of whose they are. */
function createKnownKeys(keysMax: number) {
  const keys = new Map<string, LoadedKey>()
  const hashesByOwner = new Map<string, Set<string>>()
  let newest: LoadedKey | undefined

  const remove = (hash: string): void => {
    const key = keys.get(hash)
    if (key === undefined) return
    keys.delete(hash)
    for (const owner of key.owners) {
      const hashes = hashesByOwner.get(owner)
      hashes?.delete(hash)
      if (hashes?.size === 0) hashesByOwner.delete(owner)
    }
  }

  return {
    get(hash: string): LoadedKey | undefined {
      const key = keys.get(hash)
      // A map whose entries come and go is copied again and again: one busy key alone would do that at every second call.
      if (key === undefined || key === newest) return key
      keys.delete(hash)
      keys.set(hash, key)
      newest = key
      return key
    },
    add(key: LoadedKey): void {
      remove(key.secretHash)
      keys.set(key.secretHash, key)
      newest = key
      for (const owner of key.owners) {
        const hashes = hashesByOwner.get(owner) ?? new Set()
        hashesByOwner.set(owner, hashes.add(key.secretHash))
      }
      const [oldest] = keys.keys()
      if (keys.size > keysMax && oldest !== undefined) remove(oldest)
    },
    remove,
    removeOwnedBy(owner: string): void {
      for (const hash of [...(hashesByOwner.get(owner) ?? [])]) remove(hash)
    },
    clear(): void {
      keys.clear()
      hashesByOwner.clear()
    },
  }
}

/**
 * The hash of a secret that was found before, by a digest that is quicker to make: SHA-256 behind a random prefix of this process. In the
 * gateway an HMAC costs 8 µs a call, for the objects that it needs, and this a tenth of it. It leads to a hash alone, and only where
 * that is among the known keys to a key: what is revoked is not found, however it was found before.
 */
function createShortcuts(shortcutsMax: number) {
  const prefix = randomBytes(32).toString("hex")
  const hashes = new Map<string, string>()
  return {
    nameOf: (secret: string): string => digest("sha256", prefix + secret, "hex"),
    hashOf: (name: string): string | undefined => hashes.get(name),
    add(name: string, hash: string): void {
      if (hashes.size >= shortcutsMax) hashes.clear()
      hashes.set(name, hash)
    },
  }
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LOOKUP_MS_MAX} ms`)), LOOKUP_MS_MAX)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
