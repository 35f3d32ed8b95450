import { cookies, headers } from "next/headers"
import { NextRequest } from "next/server"
import NextAuth from "next-auth"
import { authOptions } from "#lib/server/auth.ts"
import { container } from "#lib/server/container.ts"
import { setNextAuthUrl } from "#lib/server/env.ts"
import { inboundAddress } from "#lib/server/inbound.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { currentPerson } from "#lib/server/session.ts"
import { callbackCookieName } from "#lib/server/session-cookie.ts"
import { readWebBody } from "#lib/server/web-body.ts"

/** A form with a password or a token; next-auth would read on for as long as somebody sends. */
const BODY_BYTES_MAX = 64 * 1024

type Context = { readonly params: Promise<{ readonly nextauth: string[] }> }

async function handle(request: NextRequest, context: Context): Promise<Response> {
  // next-auth would let anybody write lines of their own into our log here.
  if ((await context.params).nextauth[0] === "_log") return new Response(null, { status: 404 })
  const body = await readWebBody(request, BODY_BYTES_MAX)
  if (!body.ok) return new Response(null, { status: body.error === "tooLarge" ? 413 : 400 })
  const { env } = container()
  setNextAuthUrl(publicOrigin(env))
  const sent = await headers()
  const options = authOptions(container(), {
    address: inboundAddress(sent),
    userAgent: sent.get("user-agent"),
    current: await currentPerson(),
    returnTo: request.nextUrl.searchParams.get("callbackUrl") ?? (await cookies()).get(callbackCookieName(env))?.value ?? null,
  })
  const read = new NextRequest(request.url, { method: request.method, headers: request.headers, body: body.value.length === 0 ? null : new Uint8Array(body.value) })
  return (await NextAuth(read, context, options)) as Response
}

export { handle as GET, handle as POST }
