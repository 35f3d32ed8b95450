import { createHash, createHmac } from "node:crypto"
import type { AwsCredential } from "#lib/catalog/credentials.ts"

export type SignedCall = {
  readonly method: string
  readonly url: URL
  /** Headers that are signed beside `host` and the date, lower-case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

export type SigningScope = { readonly region: string; readonly service: string; readonly nowMs: number }

const ALGORITHM = "AWS4-HMAC-SHA256"

/**
 * Signature version 4 of one call (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html): the headers
 * to add. For all services but S3: each segment of the path is encoded once more, as it stands in the request line.
 */
export function signAws({ method, url, headers, body }: SignedCall, { accessKeyId, secretAccessKey, sessionToken }: AwsCredential, { region, service, nowMs }: SigningScope): Readonly<Record<string, string>> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "")
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`
  const added = { "x-amz-date": stamp, ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }) }
  const signed = Object.entries<string>({ ...headers, ...added, host: url.host }).sort(byBytes)
  const names = signed.map(([name]) => name).join(";")
  const canonical = [
    method,
    url.pathname.split("/").map(encode).join("/"),
    canonicalQuery(url.search),
    ...signed.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, " ")}`),
    "",
    names,
    sha256(body),
  ].join("\n")
  const toSign = [ALGORITHM, stamp, scope, sha256(canonical)].join("\n")
  const key = [stamp.slice(0, 8), region, service, "aws4_request"].reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`)
  return { ...added, authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hmac(key, toSign).toString("hex")}` }
}

/** RFC 3986: everything but letters, digits and `-._~` is encoded. */
const encode = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

function canonicalQuery(search: string): string {
  const pairs = [...new URLSearchParams(search)].map(([name, value]): [string, string] => [encode(name), encode(value)])
  return pairs
    .sort((a, b) => byBytes(a, b) || (a[1] < b[1] ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&")
}

const byBytes = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0)
const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex")
const hmac = (key: Buffer | string, data: string): Buffer => createHmac("sha256", key).update(data).digest()
