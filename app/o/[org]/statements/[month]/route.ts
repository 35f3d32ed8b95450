import { notFound } from "next/navigation"
import { statementCsv } from "#lib/features/wallet/index.ts"
import { container } from "#lib/server/container.ts"
import { csvAnswer } from "#lib/server/csv-answer.ts"
import { requireMember } from "#lib/server/session.ts"

export const dynamic = "force-dynamic"

/** The statement of one month (`2026-11`) as CSV, for whoever may see the wallet. */
export async function GET(_request: Request, { params }: { readonly params: Promise<{ org: string; month: string }> }): Promise<Response> {
  const { org, month } = await params
  const member = await requireMember(org)
  const statement = await container().wallet.statement(member, member.organizationId, month)
  if (!statement.ok) notFound()
  return csvAnswer(`statement-${member.organizationSlug}-${month}.csv`, statementCsv(statement.value))
}
