import { createHash, hkdfSync, randomBytes } from "node:crypto"
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const KEY_BYTES = 32
const DEMO_KEY_BYTES = 20
const GENERATED_SECRET_BYTES = 32
const SECRET_CHARACTERS_MIN = 32
const SECRET_FILE = "secret"

/** One key of a purpose. `version` says which secret it came from, and stands in front of what was made with it. */
export type VersionedKey = { readonly version: string; readonly key: Buffer }

/**
 * Everything that is derived from the root secret, one HKDF label per purpose, so that no two purposes share a key. The lists hold
 * the current key first, then that of `TURNPIKE_SECRET_PREVIOUS`: make with the first, read with any.
 */
export type Secrets = {
  /** Compared with what the database remembers: a wrong secret is refused at boot, not found out at the first credential. */
  readonly fingerprint: string
  readonly previousFingerprint: string | null
  /** Key of the HMAC under which API keys are stored. */
  readonly peppers: readonly [VersionedKey, ...VersionedKey[]]
  /** AES-256-GCM keys of provider credentials. */
  readonly sealingKeys: readonly [VersionedKey, ...VersionedKey[]]
  /** Signs the session's JWT. */
  readonly nextAuthSecret: string
  /** The 160 bits of the demo key. */
  readonly demoKeySeed: Buffer
}

/** Derives all keys of an installation. `root` and `previous` have at least 32 characters (lib/server/env.ts). */
export function deriveSecrets(root: string, previous?: string): Secrets {
  const earlier = previous === undefined || previous === root ? [] : [previous]
  const keys = (label: string) => [versioned(root, label), ...earlier.map((secret) => versioned(secret, label))] as const
  return {
    fingerprint: fingerprintOf(root),
    previousFingerprint: earlier[0] === undefined ? null : fingerprintOf(earlier[0]),
    peppers: keys("pepper"),
    sealingKeys: keys("sealing"),
    nextAuthSecret: derive(root, "next-auth", KEY_BYTES).toString("base64url"),
    demoKeySeed: derive(root, "demo-key", DEMO_KEY_BYTES),
  }
}

function derive(root: string, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", root, "turnpike", label, bytes))
}

const versioned = (root: string, label: string): VersionedKey => ({ version: fingerprintOf(root).slice(0, 8), key: derive(root, label, KEY_BYTES) })

/** Derived and hashed, so that the fingerprint in the database says nothing about the keys. */
function fingerprintOf(root: string): string {
  return createHash("sha256").update(derive(root, "fingerprint", KEY_BYTES)).digest("hex").slice(0, 32)
}

/**
 * The root secret: `TURNPIKE_SECRET` if set, else the one in the home folder, made there (0600) at the first call. Two processes
 * that call it at once get the same one: the file appears whole, by `link`, and only where none was.
 *
 * Throws an `Error` whose message is one sentence with a cure.
 */
export function readRootSecret(home: string, fromEnvironment: string | undefined): string {
  if (fromEnvironment !== undefined) return fromEnvironment
  const file = join(home, SECRET_FILE)
  const existing = readIfPresent(file)
  if (existing !== undefined) return existing
  mkdirSync(home, { recursive: true })
  const draft = join(home, `.${SECRET_FILE}-${randomBytes(6).toString("hex")}`)
  writeFileSync(draft, `${randomBytes(GENERATED_SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readIfPresent(file) ?? readRootSecret(home, fromEnvironment)
}

/** Puts a secret that came with a backup into the home folder. */
export function writeRootSecret(home: string, secret: string): void {
  const file = join(home, SECRET_FILE)
  mkdirSync(home, { recursive: true })
  writeFileSync(file, `${secret}\n`, { mode: 0o600, flush: true })
  chmodSync(file, 0o600)
}

function readIfPresent(file: string): string | undefined {
  try {
    const secret = readFileSync(file, "utf8").trim()
    if (secret.length >= SECRET_CHARACTERS_MIN) return secret
    throw new Error(`${file} holds no secret of at least ${SECRET_CHARACTERS_MIN} characters: put the one from your backup there, or set TURNPIKE_SECRET.`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}
