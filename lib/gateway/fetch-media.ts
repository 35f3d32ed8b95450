import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Media } from "#lib/wire/chat/part.ts"
import type { Departure } from "./departure.ts"
import type { UpstreamCall, UpstreamPort } from "./ports.ts"

/** Addresses in one request. */
const ADDRESSES_MAX = 16
/** Of all of them together: Gemini's bound on a request with its media (image understanding guide, inline data). */
const BYTES_MAX = 20 * 1024 * 1024
const FETCH_MS_MAX = 10_000
const REDIRECTS_MAX = 3
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
const ADDRESS_CHARACTERS_SHOWN = 200

export type FetchOptions = { readonly upstream: UpstreamPort; readonly departure: Departure }

/**
 * Brings what stands at addresses that a client named, for providers that do not fetch it themselves (W-62). The addresses are a
 * stranger's: whatever the channel may reach, these are public ones alone, also behind a redirect, and neither the caller's headers nor
 * any secret go there.
 */
export async function fetchMedia(addresses: readonly string[], options: FetchOptions): Promise<Result<ReadonlyMap<string, Media>, GatewayError>> {
  if (addresses.length > ADDRESSES_MAX) return err(refusal(`At most ${ADDRESSES_MAX} addresses of pictures and documents are fetched for one request.`))
  const budget = { bytes: BYTES_MAX }
  const found = await Promise.all(addresses.map((address) => fetchOne(address, budget, options)))
  const media = new Map<string, Media>()
  for (const [index, one] of found.entries()) {
    if (!one.ok) return err(refusal(`What stands at ${addresses[index]?.slice(0, ADDRESS_CHARACTERS_SHOWN)} could not be fetched: ${one.error}.`))
    media.set(addresses[index] ?? "", one.value)
  }
  return ok(media)
}

const refusal = (message: string): GatewayError => ({ code: "invalid_request", message: `${message} Send the data itself instead.` })

async function fetchOne(address: string, budget: { bytes: number }, options: FetchOptions): Promise<Result<Media, string>> {
  let at = address
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    if (!URL.canParse(at) || !/^https?:$/.test(new URL(at).protocol)) return err("it is no http address")
    const got = await get(at, budget, options)
    if (!got.ok) return got
    const { status, location, contentType, body } = got.value
    if (REDIRECTS.includes(status) && location !== null && URL.canParse(location, at)) {
      at = new URL(location, at).href
      continue
    }
    if (status !== 200) return err(`it answered ${status}`)
    const mediaType = mediaTypeOf(contentType, body)
    return mediaType === null ? err("it is neither a picture nor a recording nor a document") : ok({ kind: "base64", mediaType, data: body.toString("base64") })
  }
  return err("it redirects too often")
}

type Got = { readonly status: number; readonly location: string | null; readonly contentType: string; readonly body: Buffer }

function get(url: string, budget: { bytes: number }, { upstream, departure }: FetchOptions): Promise<Result<Got, string>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let status = 0
    let location: string | null = null
    let contentType = ""
    let call: UpstreamCall | null = null
    const say = (got: Result<Got, string>, abort: boolean) => {
      clearTimeout(timer)
      if (abort) call?.abort()
      resolve(got)
    }
    const timer = setTimeout(() => say(err("it did not answer in time"), true), FETCH_MS_MAX)
    departure.listen(() => say(err("the call was ended"), true))
    if (departure.reason !== null) return
    call = upstream.call({ method: "GET", url, headers: { accept: "*/*", "user-agent": "turnpike" }, body: Buffer.alloc(0), allowPrivateNetwork: false }, {
      onHead(code, headers) {
        status = code
        location = single(headers["location"])
        contentType = single(headers["content-type"]) ?? ""
      },
      onData(chunk) {
        budget.bytes -= chunk.length
        if (budget.bytes < 0) say(err(`it is more than the ${BYTES_MAX / (1024 * 1024)} MiB that are fetched for one request`), true)
        else chunks.push(chunk)
        return true
      },
      onEnd: () => say(ok({ status, location, contentType, body: Buffer.concat(chunks) }), false),
      // Whatever stands in the way: a stranger must not learn which addresses there are within this network.
      onFailure: () => say(err("it cannot be reached"), false),
    })
  })
}

const single = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? (value[0] ?? null) : (value ?? null))

/** What providers take as media. */
const MEDIA = /^(?:image\/[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|application\/pdf|text\/plain)$/
/** How the formats begin, for servers that do not say what they send. */
const beginnings: readonly (readonly [mediaType: string, bytes: string])[] = [
  ["image/png", "\x89PNG"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF8"],
  ["image/webp", "RIFF"],
  ["application/pdf", "%PDF"],
]

function mediaTypeOf(contentType: string, body: Buffer): string | null {
  const named = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? ""
  if (MEDIA.test(named)) return named
  const start = body.subarray(0, 8).toString("latin1")
  return beginnings.find(([, bytes]) => start.startsWith(bytes))?.[0] ?? null
}
