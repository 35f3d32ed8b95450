import { notFound } from "next/navigation"
import { container } from "#lib/server/container.ts"
import { csvAnswer } from "#lib/server/csv-answer.ts"
import { requireMember } from "#lib/server/session.ts"

export const dynamic = "force-dynamic"

/** All of one month's statement (`2026-11`) as CSV, for whoever may see the wallet. */
export async function GET(_request: Request, { params }: { readonly params: Promise<{ org: string; month: string }> }): Promise<Response> {
  const { org, month } = await params
  const member = await requireMember(org)
  const csv = await container().wallet.statementCsv(member, member.organizationId, month)
  if (!csv.ok) notFound()
  return csvAnswer(`statement-${member.organizationSlug}-${month}.csv`, csv.value)
}
