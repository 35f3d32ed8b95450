import { redirect } from "next/navigation"
import { requireOperator } from "#lib/server/session.ts"

/** The console has no page of its own yet: channels are what an operator needs first. */
export default async function OperatorPage() {
  await requireOperator()
  redirect("/operator/channels")
}
