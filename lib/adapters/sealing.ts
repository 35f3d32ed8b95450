import { createCipheriv, createDecipheriv } from "node:crypto"

const ALGORITHM = "aes-256-gcm"
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = "v1"

/** A 256-bit key and the name under which sealed values remember it (lib/server/secrets.ts). */
export type SealingKey = { readonly version: string; readonly key: Buffer }

/** Why a sealed value cannot be opened. `key`: made with a secret that this installation no longer has. */
export type UnsealError = "format" | "key" | "tampered"

export type Sealer = {
  /** Encrypts text for one row. `rowId` is bound to it: moved to another row, the value does not open. */
  seal(rowId: string, text: string): string
  /** Decrypts what `seal` made, with the current or an earlier key. Throws `UnsealFailure`. */
  open(rowId: string, sealed: string): string
  /** Whether a value was sealed with an earlier key and should be sealed anew. */
  isStale(sealed: string): boolean
}

/** Thrown by `open`. The message names no secret. */
export class UnsealFailure extends Error {
  readonly reason: UnsealError
  constructor(reason: UnsealError) {
    super(
      {
        format: "A sealed value is damaged: restore the database from a backup.",
        key: "A credential was sealed with a secret that this installation does not have: set TURNPIKE_SECRET_PREVIOUS, or enter the credential again.",
        tampered: "A sealed value does not belong to its row or was changed: enter the credential again.",
      }[reason],
    )
    this.reason = reason
  }
}

/**
 * Seals secrets with AES-256-GCM: `v1.<key version>.<nonce>.<ciphertext>.<tag>`, base64url. The first key seals, all of them open.
 * A random 96-bit nonce per value is safe for 2^32 values of one key (NIST SP 800-38D, 8.3).
 */
export function createSealer(keys: readonly [SealingKey, ...SealingKey[]], fillRandom: (bytes: Buffer) => void): Sealer {
  const [current] = keys
  return {
    seal(rowId, text) {
      const nonce = Buffer.alloc(NONCE_BYTES)
      fillRandom(nonce)
      const cipher = createCipheriv(ALGORITHM, current.key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(rowId))
      const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return [FORMAT, current.version, ...[nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(".")
    },
    open(rowId, sealed) {
      const { version, nonce, ciphertext, tag } = parse(sealed)
      const key = keys.find((candidate) => candidate.version === version)
      if (key === undefined) throw new UnsealFailure("key")
      const decipher = createDecipheriv(ALGORITHM, key.key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(rowId))
      decipher.setAuthTag(tag)
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8")
      } catch {
        throw new UnsealFailure("tampered")
      }
    },
    isStale: (sealed) => parse(sealed).version !== current.version,
  }
}

function parse(sealed: string) {
  const [format, version, ...parts] = sealed.split(".")
  const [nonce, ciphertext, tag] = parts.map((part) => Buffer.from(part, "base64url"))
  const whole = format === FORMAT && version !== undefined && parts.length === 3 && nonce?.length === NONCE_BYTES && tag?.length === TAG_BYTES
  if (!whole || ciphertext === undefined) throw new UnsealFailure("format")
  return { version, nonce, ciphertext, tag }
}
