import { usageQuery } from "#lib/features/usage/index.ts"
import { container } from "#lib/server/container.ts"
import { csvAnswer } from "#lib/server/csv-answer.ts"
import { requireMember } from "#lib/server/session.ts"

export const dynamic = "force-dynamic"

/** The calls that the usage page lists for the same query, all of them, as CSV. */
export async function GET(request: Request, { params }: { readonly params: Promise<{ org: string }> }): Promise<Response> {
  const member = await requireMember((await params).org)
  const query = usageQuery.parse(Object.fromEntries(new URL(request.url).searchParams))
  return csvAnswer(`usage-${member.organizationSlug}.csv`, container().usage.callsCsv(member, query))
}
