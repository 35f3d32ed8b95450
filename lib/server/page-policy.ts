import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"

const HEADER = "content-security-policy"
const NONCE_BYTES = 16

/**
 * What a page of the portal may load and who may frame it (node_modules/next/dist/docs, content-security-policy guide). Only scripts that
 * carry this answer's nonce run, and what they load; styles may stand in attributes, which React and recharts write. `dev`: React rebuilds
 * stacks with `eval`, and Next reloads pages over a web socket.
 */
export function pagePolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${dev ? " ws: wss:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ")
}

/** Puts a fresh policy on a page's answer, and on its request, where Next and our layout take the nonce from. */
export function protectPage(request: IncomingMessage, response: ServerResponse, dev: boolean): void {
  const policy = pagePolicy(randomBytes(NONCE_BYTES).toString("base64"), dev)
  request.headers[HEADER] = policy
  response.setHeader(HEADER, policy)
}

/** The nonce that inline scripts of a page need; undefined on a plain Next host, whose answers have no such policy. */
export const pageNonce = (headers: { get(name: string): string | null }): string | undefined => /'nonce-([\w+/=]+)'/.exec(headers.get(HEADER) ?? "")?.[1]
