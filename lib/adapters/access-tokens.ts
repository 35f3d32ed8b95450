import type { UpstreamPort } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { redact } from "#lib/wire/redact.ts"
import { readUpstreamWords } from "#lib/wire/upstream-words.ts"
import type { TokenGrant } from "./token-grants.ts"

/** Why there is no token, in words for the log. */
export type NoToken = { readonly detail: string }

export type AccessTokens = {
  /**
   * The token for a credential: at once where one is in memory, else when it has been fetched; calls that need the same one wait for one
   * request. `source` is asked where one has to be fetched. `key` stands for the credential and for who may reach which addresses with it.
   */
  token(key: string, source: () => TokenSource): string | Promise<Result<string, NoToken>>
  /** The provider refused this token before its time: the next call gets another. */
  forget(key: string, token: string): void
}

export type TokenSource = {
  /** What to send for one, made anew each time. May throw where the credential is unusable. */
  readonly grant: () => TokenGrant
  readonly allowPrivateNetwork: boolean
  /** What must not stand in a detail. */
  readonly secrets: readonly string[]
}

/** A token is not used in its last seconds: the call still has to reach the provider with it. */
const LAST_SECONDS = 30
/** From here on another one is fetched while this one goes on being used. */
const AHEAD_SECONDS = 300
/** A token whose answer does not say how long it lives. */
const LIFETIME_SECONDS_DEFAULT = 600
/** After a refresh that failed, ahead of time. */
const RETRY_MS = 10_000
const GRANT_MS_MAX = 20_000
const ANSWER_BYTES_MAX = 64 * 1024
/** Credentials whose tokens are remembered; the first one goes first. */
const KEYS_MAX = 2_000

type Kept = { token: string | null; usableUntilMs: number; refreshAtMs: number; fetching: Promise<Result<string, NoToken>> | null }

/** Access tokens, kept in memory until shortly before they end. Times are monotonic: an answer says how long, not until when. */
export function createAccessTokens({ network, clock }: { readonly network: UpstreamPort; readonly clock: Clock }): AccessTokens {
  const tokens = new Map<string, Kept>()

  const keptOf = (key: string): Kept => {
    const known = tokens.get(key)
    if (known !== undefined) return known
    if (tokens.size >= KEYS_MAX) tokens.delete(tokens.keys().next().value ?? key)
    const made: Kept = { token: null, usableUntilMs: 0, refreshAtMs: 0, fetching: null }
    tokens.set(key, made)
    return made
  }

  const fetchInto = (kept: Kept, source: () => TokenSource): Promise<Result<string, NoToken>> => {
    kept.fetching ??= requestToken(network, source()).then((answer) => {
      kept.fetching = null
      const now = clock.monotonic()
      if (!answer.ok) {
        kept.refreshAtMs = now + RETRY_MS
        return answer
      }
      const { token, seconds } = answer.value
      kept.token = token
      kept.usableUntilMs = now + Math.max(seconds - LAST_SECONDS, seconds / 2) * 1000
      kept.refreshAtMs = now + Math.max(seconds - AHEAD_SECONDS, seconds / 2) * 1000
      return ok(token)
    })
    return kept.fetching
  }

  return {
    token(key, source) {
      const kept = keptOf(key)
      const now = clock.monotonic()
      if (kept.token === null || now >= kept.usableUntilMs) return fetchInto(kept, source)
      if (now >= kept.refreshAtMs && kept.fetching === null) void fetchInto(kept, source)
      return kept.token
    },
    forget(key, token) {
      const kept = tokens.get(key)
      if (kept?.token === token) kept.token = null
    },
  }
}

type Granted = { readonly token: string; readonly seconds: number }

/** Asks for a token over the guarded network; never rejects. */
function requestToken(network: UpstreamPort, { grant, allowPrivateNetwork, secrets }: TokenSource): Promise<Result<Granted, NoToken>> {
  return new Promise((resolve) => {
    let made: TokenGrant
    try {
      made = grant()
    } catch (error) {
      return resolve(err({ detail: `the credential cannot be used: ${redact(String(error), secrets, [])}` }))
    }
    const chunks: Buffer[] = []
    let bytes = 0
    let status = 0
    const body = Buffer.from(new URLSearchParams(made.form).toString())
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" }
    const call = network.call({ url: made.url, headers, body, allowPrivateNetwork }, {
      onHead: (code) => void (status = code),
      onData(chunk) {
        bytes += chunk.length
        if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk)
        return true
      },
      onEnd() {
        clearTimeout(timer)
        resolve(readGrant(status, Buffer.concat(chunks), [...secrets, ...Object.values(made.form)]))
      },
      onFailure({ kind, detail }) {
        clearTimeout(timer)
        resolve(err({ detail: `the token endpoint failed (${kind}): ${redact(detail, secrets, [])}` }))
      },
    })
    const timer = setTimeout(() => {
      call.abort()
      resolve(err({ detail: `the token endpoint did not answer within ${GRANT_MS_MAX / 1000} s` }))
    }, GRANT_MS_MAX).unref()
  })
}

/** RFC 6749, sections 5.1 and 5.2. */
function readGrant(status: number, body: Buffer, secrets: readonly string[]): Result<Granted, NoToken> {
  if (status === 200) {
    try {
      const { access_token: token, expires_in: seconds } = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>
      // A token goes into a header: one with a line break in it would be another header.
      if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return ok({ token, seconds: Number(seconds) > 0 ? Number(seconds) : LIFETIME_SECONDS_DEFAULT })
    } catch {
      // Answered below: what is no JSON holds no token.
    }
    return err({ detail: "the token endpoint answered 200 without a token" })
  }
  const words = readUpstreamWords(body)
  return err({ detail: redact(`the token endpoint answered ${status}${words === null ? "" : `: ${words.message}`}`, secrets, []) })
}
