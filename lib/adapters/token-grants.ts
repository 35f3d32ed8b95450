import { createSign } from "node:crypto"
import type { EntraCredential, ServiceAccount } from "#lib/catalog/credentials.ts"

/** What is sent for an access token (RFC 6749, section 4): a form, to the address that grants it. */
export type TokenGrant = { readonly url: string; readonly form: Readonly<Record<string, string>> }

const GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
/** Google takes assertions of an hour at most (https://developers.google.com/identity/protocols/oauth2/service-account). */
const ASSERTION_SECONDS = 3_600

/** A service account's grant: a token about itself, signed with its key (RFC 7523). Throws where the key cannot be read. */
export function serviceAccountGrant({ client_email, private_key, private_key_id, token_uri }: ServiceAccount, nowMs: number): TokenGrant {
  const issuedAt = Math.floor(nowMs / 1000)
  const header = { alg: "RS256", typ: "JWT", ...(private_key_id !== undefined && { kid: private_key_id }) }
  const claims = { iss: client_email, scope: GOOGLE_SCOPE, aud: token_uri, iat: issuedAt, exp: issuedAt + ASSERTION_SECONDS }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")
  // Where the JSON came through an environment variable, its line breaks are often still escaped.
  const signature = createSign("RSA-SHA256").update(signed).sign(private_key.replaceAll("\\n", "\n"), "base64url")
  return { url: token_uri, form: { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: `${signed}.${signature}` } }
}

const ENTRA_AUTHORITY = "https://login.microsoftonline.com"

/**
 * What a token is for: the v1 API is asked with one for Foundry (https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, as of March 2026),
 * deployments below a dated version with one for Cognitive Services.
 */
export const azureScope = (url: string): string => (/\/openai\/v1(?:[/?]|$)/.test(url) ? "https://ai.azure.com/.default" : "https://cognitiveservices.azure.com/.default")

/** An application's grant by its secret (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). */
export const entraGrant = ({ tenantId, clientId, clientSecret, authority = ENTRA_AUTHORITY }: EntraCredential, scope: string): TokenGrant => ({
  url: `${authority.replace(/\/+$/, "")}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
  form: { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope },
})
