import { z } from "zod"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { CloudScheme, ProviderDefinition } from "./provider.ts"

/** Longer than any key that a vendor gives; a service account's private key is the longest (3,300 characters). */
const PART_CHARACTERS_MAX = 8_192

const part = z.string().trim().min(1).max(PART_CHARACTERS_MAX)

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html; temporary keys have a session token beside them. */
export const awsCredential = z.strictObject({ accessKeyId: part, secretAccessKey: part, sessionToken: part.optional() })

/** An application of Entra and its secret (Microsoft identity platform, client credentials flow). `authority`: another cloud's sign-in. */
export const entraCredential = z.strictObject({ tenantId: part, clientId: part, clientSecret: part, authority: z.url({ protocol: /^https?$/ }).optional() })

/** The JSON that Google gives for a service account (https://cloud.google.com/iam/docs/keys-create-delete). What is not needed is not kept. */
export const serviceAccount = z.object({
  type: z.literal("service_account").default("service_account"),
  private_key_id: part.optional(),
  private_key: part.regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/),
  client_email: part,
  token_uri: z.url({ protocol: /^https?$/ }).default("https://oauth2.googleapis.com/token"),
})

/** The same as it was downloaded, with all that Google writes into it. */
export const serviceAccountFile = z.looseObject(serviceAccount.shape)

export type AwsCredential = z.output<typeof awsCredential>
export type EntraCredential = z.output<typeof entraCredential>
export type ServiceAccount = z.output<typeof serviceAccount>

/** A credential of several parts, or the one string that some providers take in its place. */
const objects = { aws: awsCredential, entra: entraCredential, google: serviceAccount } as const satisfies Record<CloudScheme, z.ZodType>
const takesString = { aws: true, entra: true, google: false } as const satisfies Record<CloudScheme, boolean>
/** Whichever part a person knows the credential by, and may see again. */
const nameParts = { aws: "accessKeyId", entra: "clientId", google: "private_key_id" } as const satisfies Record<CloudScheme, string>
const openParts: readonly string[] = ["accessKeyId", "tenantId", "clientId", "authority", "type", "private_key_id", "client_email", "token_uri"]

/** What a credential is to look like for each scheme, in words for the refusal: a key below `errors.channels.credential`. */
export type CredentialProblem = CloudScheme | "object"

/**
 * A credential as it is kept: a string, or of several parts their JSON, always written alike, so that the same credential is the same
 * text. `text` is what a person typed or a file said; an object arrives as its JSON.
 */
export function readCredential({ auth }: ProviderDefinition, text: string): Result<string, CredentialProblem> {
  const scheme = auth.default
  const object = objectOf(text)
  if (scheme !== "aws" && scheme !== "entra" && scheme !== "google") return object === null ? ok(text) : err("object")
  if (object === null) return takesString[scheme] && !text.startsWith("{") ? ok(text) : err(scheme)
  const parsed = objects[scheme].safeParse(object)
  return parsed.success ? ok(JSON.stringify(parsed.data)) : err(scheme)
}

/** A kept credential's parts; null: it is one string. */
export function partsOf(secret: string): Readonly<Record<string, string>> | null {
  const object = objectOf(secret)
  return object === null ? null : Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"))
}

/** All that must not be shown of a credential: the whole of it, and of several parts each that is secret. */
export function secretsOf(secret: string): readonly string[] {
  const parts = partsOf(secret)
  return parts === null ? [secret] : [secret, ...Object.entries(parts).flatMap(([name, value]) => (openParts.includes(name) ? [] : [value]))]
}

/** What a credential is known by afterwards, of which the last characters are shown: a part that is no secret, or the string itself. */
export function shownPart(secret: string): string {
  const parts = partsOf(secret)
  if (parts === null) return secret
  for (const name of Object.values(nameParts)) if (parts[name] !== undefined) return parts[name]
  return ""
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.trimStart().startsWith("{")) return null
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}
