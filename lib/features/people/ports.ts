import type { NewId } from "#lib/kernel/ids.ts"
import type { Clock } from "#lib/kernel/clock.ts"

/** Hashes passwords. The hash is a PHC string that carries its own parameters. */
export type PasswordHasher = {
  hash(password: string): Promise<string>
  /** Whether the password made this hash. `hash` null (no such account, or one without a password) costs the same time and is false. */
  verify(hash: string | null, password: string): Promise<boolean>
}

/** Secret tokens of links: what is sent, and the hash that is kept. */
export type LinkTokens = {
  /** 256 random bits in base64url. */
  make(): string
  /** SHA-256, hex. */
  hash(token: string): string
}

/** What every service of people, members and organizations is given. */
export type Basics = { readonly clock: Clock; readonly newId: NewId }
