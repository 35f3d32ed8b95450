import { createHmac } from "node:crypto"

const SECRET_PREFIX = "whsec_"

/** A signing secret in the form that receivers' libraries take, of 24 random bytes (Standard Webhooks, https://www.standardwebhooks.com). */
export const webhookSecret = (random: Uint8Array): string => `${SECRET_PREFIX}${Buffer.from(random).toString("base64")}`

/**
 * The headers that let a receiver know that a message is ours, unaltered and new: HMAC-SHA256 over id, time and body (Standard
 * Webhooks, “v1”). A repetition has the same id.
 */
export function webhookHeaders(secret: string, { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: string }): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000))
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64")
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` }
}
