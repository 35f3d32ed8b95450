const REPLACEMENTS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(?:https?|wss?|sandbox):\/\/[^\s"'<>)\]}]+/gi, "[upstream]"],
  [/\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, "[secret]"],
  // Keys of every vendor seen so far: sk-…, sk-ant-…, gsk_…, xai-…, AIza…, and GLM's 32 hex digits with a suffix.
  [/\b(?:sk|rk|pk|gsk|xai|pplx|r8|hf|fw|nvapi|org|proj)[-_][\w*.-]{6,}/g, "[secret]"],
  [/\bAIza[\w-]{10,}/g, "[secret]"],
  // Clouds: AWS's key ids and Bedrock's API keys, Google's access tokens, signed tokens of anybody, private keys, and a signature that is echoed.
  [/\b(?:AKIA|ASIA|ABSK)[\w+/=]{8,}/g, "[secret]"],
  [/\bya29\.[\w.-]{6,}/g, "[secret]"],
  [/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, "[secret]"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[secret]"],
  [/\b(?:Signature=|x-amz-security-token:\s*)[\w+/=-]{6,}/gi, "[secret]"],
  [/\b[0-9a-f]{32}\.[\w-]{8,}/gi, "[secret]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g, "[upstream]"],
  [/\[[0-9a-f:]{3,}\](?::\d{1,5})?/gi, "[upstream]"],
]
const HOST_CHARACTERS_MIN = 4

/**
 * A provider's words without what only the operator may know: addresses, credentials in any vendor's form, and the given secrets
 * and hosts wherever they stand (W-111).
 */
export function redact(text: string, secrets: readonly string[], hosts: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, "[secret]")
  for (const [pattern, replacement] of REPLACEMENTS) clean = clean.replace(pattern, replacement)
  for (const host of hosts) if (host.length >= HOST_CHARACTERS_MIN) clean = clean.replaceAll(host, "[upstream]")
  return clean
}
