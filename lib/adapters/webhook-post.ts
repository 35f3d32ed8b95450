import type { UpstreamFailure, UpstreamPort } from "#lib/gateway/ports.ts"

const ANSWER_BYTES_MAX = 64 * 1024

/**
 * Posts JSON to a receiver and resolves when it has taken it (any 2xx). Rejects in words that its owner may read. Addresses are guarded
 * as those of upstreams are; redirects are not followed, and what the answer says is not read.
 */
export function createWebhookPost(upstream: UpstreamPort, allowPrivateNetwork: boolean) {
  return (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let status = 0
      let bytes = 0
      const finish = () => (status >= 200 && status < 300 ? resolve() : reject(new Error(`The receiver answered ${status}.`)))
      const call = upstream.call(
        { url, headers: { ...headers, "content-type": "application/json", "user-agent": "turnpike" }, body: Buffer.from(body), allowPrivateNetwork },
        {
          onHead(code) {
            status = code
          },
          onData(chunk) {
            bytes += chunk.length
            if (bytes > ANSWER_BYTES_MAX) {
              call.abort()
              finish()
            }
            return true
          },
          onEnd: finish,
          onFailure: ({ kind }) => reject(new Error(failures[kind])),
        },
      )
    })
}

const failures: Readonly<Record<UpstreamFailure["kind"], string>> = {
  connect: "The receiver could not be reached.",
  timeout: "The receiver did not answer in time.",
  closed: "The receiver closed the connection.",
  refusedAddress: "The receiver's address lies in a private network, where this installation sends nothing.",
  unauthorized: "The receiver asks for a sign-in.",
}
