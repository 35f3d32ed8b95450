import { createHash } from "node:crypto"

/** An end user's name as a provider gets it: the same for the same user, and nothing of the name can be read from it (W-79). */
export const hashedUser = (user: string): string => createHash("sha256").update(user, "utf8").digest("hex")
