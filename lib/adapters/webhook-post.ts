import type { UpstreamFailure, UpstreamPort } from "#lib/gateway/ports.ts"

const ANSWER_BYTES_MAX = 64 * 1024
/** The whole call: a receiver that sends a byte now and then would hold up the messages of everybody else in its round. */
const TOTAL_MS_MAX = 30_000

/**
 * Posts JSON to a receiver and resolves when it has taken it (any 2xx). Rejects in words that its owner may read. Addresses are guarded
 * as those of upstreams are; redirects are not followed, and what the answer says is not read.
 */
export function createWebhookPost(upstream: UpstreamPort, allowPrivateNetwork: boolean, totalMsMax = TOTAL_MS_MAX) {
  return (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let status = 0
      let bytes = 0
      const fail = (words: string) => {
        clearTimeout(timer)
        reject(new Error(words))
      }
      const finish = () => {
        if (status < 200 || status >= 300) return fail(`The receiver answered ${status}.`)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        call.abort()
        if (status === 0) fail(failures.timeout)
        else finish()
      }, totalMsMax)
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
          onFailure: ({ kind }) => fail(failures[kind]),
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
  unrecorded: "Nothing can be written down at the moment, so nothing was sent.",
}
