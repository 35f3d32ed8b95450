import { createHash, randomBytes } from "node:crypto"

const TOKEN_BYTES = 32

/** Tokens of invitations and one-time links. They carry 256 random bits, so a plain hash is enough to keep them by. */
export const linkTokens = {
  make: (): string => randomBytes(TOKEN_BYTES).toString("base64url"),
  hash: (token: string): string => createHash("sha256").update(token).digest("hex"),
}
