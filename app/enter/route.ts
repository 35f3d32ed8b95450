import { redirect } from "next/navigation"
import { container } from "#lib/server/container.ts"
import { requirePerson } from "#lib/server/session.ts"

/** Where sign-in leads by itself: one's first organization; without any, the console for an operator, else the page that makes one. */
export async function GET(): Promise<never> {
  const person = await requirePerson()
  const [first] = await container().organizations.listMine(person)
  redirect(first !== undefined ? `/o/${first.slug}` : person.isOperator ? "/operator/channels" : "/new-organization")
}
