import { createHash } from "node:crypto"
import { type AwsCredential, type EntraCredential, partsOf, secretsOf, type ServiceAccount } from "#lib/catalog/credentials.ts"
import type { CloudScheme } from "#lib/catalog/provider.ts"
import type { CloudCredential, UpstreamCall, UpstreamPort, UpstreamRequest, UpstreamSink } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import { type AccessTokens, createAccessTokens, type NoToken } from "./access-tokens.ts"
import { signAws } from "./aws-signature.ts"
import { azureScope, entraGrant, serviceAccountGrant, type TokenGrant } from "./token-grants.ts"

type Headers = Readonly<Record<string, string>>
/** The headers that present a credential. A promise only where a token has to be fetched first. */
type Authorized = Headers | Promise<Result<Headers, NoToken>>

type Dependencies = { readonly clock: Clock }

/**
 * Presents credentials that take more than a header with the secret in it, and hands everything else on as it is. A credential that
 * cannot be presented fails the call as `unauthorized`, and nothing is sent.
 */
export function withAuthorization(network: UpstreamPort, { clock }: Dependencies): UpstreamPort {
  const tokens = createAccessTokens({ network, clock })
  return {
    call(request, sink) {
      const { credential } = request
      if (credential === undefined) return network.call(request, sink)
      const authorized = authorizers[credential.scheme](request, credential, { tokens, clock })
      const watched = tokenWatch(tokens, request, credential, sink)
      return authorized instanceof Promise ? callLater(network, request, authorized, watched) : network.call(withHeaders(request, authorized), watched(authorized))
    },
  }
}

type World = { readonly tokens: AccessTokens; readonly clock: Clock }

const authorizers = {
  aws(request, { secret, settings }, { clock }) {
    const parts = partsOf(secret)
    if (parts === null) return { authorization: `Bearer ${secret}` }
    const url = new URL(request.url)
    const headers = { "content-type": request.headers["content-type"] ?? "" }
    // Bedrock takes no forms, and nothing else comes as a stream.
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    return signAws({ method: "POST", url, headers, body }, parts as AwsCredential, { region: settings.region ?? "", service: "bedrock", nowMs: clock.now() })
  },
  google: (request, credential, { tokens, clock }) => bearer(request, credential, tokens, (parts) => serviceAccountGrant(parts as ServiceAccount, clock.now())),
  entra: (request, credential, { tokens }) =>
    partsOf(credential.secret) === null ? { "api-key": credential.secret } : bearer(request, credential, tokens, (parts) => entraGrant(parts as EntraCredential, azureScope(request.url))),
} as const satisfies Record<CloudScheme, (request: UpstreamRequest, credential: CloudCredential, world: World) => Authorized>

function bearer(request: UpstreamRequest, credential: CloudCredential, tokens: AccessTokens, grant: (parts: Readonly<Record<string, string>>) => TokenGrant): Authorized {
  const { secret } = credential
  const token = tokens.token(tokenKey(request, credential), () => ({ grant: () => grant(partsOf(secret) ?? {}), allowPrivateNetwork: request.allowPrivateNetwork, secrets: secretsOf(secret) }))
  if (typeof token === "string") return { authorization: `Bearer ${token}` }
  return token.then((got) => (got.ok ? ok({ authorization: `Bearer ${got.value}` }) : got))
}

/** A credential by its digest and what its token is for, apart for those that may reach private addresses: a token of theirs is nobody else's. */
const tokenKey = ({ allowPrivateNetwork, url }: UpstreamRequest, { scheme, secret }: CloudCredential): string =>
  `${scheme === "entra" ? azureScope(url) : scheme} ${allowPrivateNetwork ? "private" : "public"} ${createHash("sha256").update(secret).digest("base64url")}`

const withHeaders = (request: UpstreamRequest, headers: Headers): UpstreamRequest => ({ ...request, headers: { ...request.headers, ...headers } })

/** A token that the provider refuses before its time (a key that was revoked) is not used again. */
function tokenWatch(tokens: AccessTokens, request: UpstreamRequest, credential: CloudCredential, sink: UpstreamSink): (headers: Headers) => UpstreamSink {
  if (credential.scheme === "aws") return () => sink
  return ({ authorization }) => ({
    ...sink,
    onHead(status, headers) {
      if (status === 401 && authorization !== undefined) tokens.forget(tokenKey(request, credential), authorization.slice("Bearer ".length))
      sink.onHead(status, headers)
    },
  })
}

/** A call that begins when its token is there. What is done to it until then is done to nothing. */
function callLater(network: UpstreamPort, request: UpstreamRequest, authorized: Promise<Result<Headers, NoToken>>, watched: (headers: Headers) => UpstreamSink): UpstreamCall {
  let call: UpstreamCall | null = null
  let aborted = false
  void authorized.then((headers) => {
    if (aborted) return
    if (headers.ok) call = network.call(withHeaders(request, headers.value), watched(headers.value))
    else watched({}).onFailure({ kind: "unauthorized", detail: headers.error.detail })
  })
  return {
    resume: () => call?.resume(),
    abort() {
      aborted = true
      call?.abort()
    },
  }
}
