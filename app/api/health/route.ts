import { container } from "#lib/server/container.ts"
import { plainHostHealth } from "#lib/server/plain-host.ts"

/** `server.ts` answers this path itself, from its first moment; this is the same for `next dev` and plain Next hosts. */
export const dynamic = "force-dynamic"

export async function GET(): Promise<Response> {
  const report = await plainHostHealth(container())
  return Response.json(report, { status: report.status === "ready" ? 200 : 503, headers: { "cache-control": "no-store" } })
}
