"use server"

import { headers } from "next/headers"
import { z } from "zod"
import { registerSchema, setUpSchema, tokenSchema } from "#lib/features/people/index.ts"
import { ok } from "#lib/kernel/result.ts"
import { personAction, publicAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"
import { inboundAddress } from "#lib/server/inbound.ts"

/** Makes the first operator; the set-up link's token authorizes it. */
export const setUp = publicAction(setUpSchema, (input) => container().setUp.createFirstOperator(input))

/**
 * Makes an account, and joins the organization of the invitation it was made with. Counted like a sign-in, so that nobody can find
 * out by the thousand who has an account. The value is where to go.
 */
export const register = publicAction(registerSchema, async (input) => {
  const { people, members, signIn } = container()
  const counted = await signIn.countRequest(input.email, inboundAddress(await headers()))
  if (!counted.ok) return counted
  const made = await people.register(input)
  if (!made.ok) return made
  if (input.invitation === undefined) return ok("/enter")
  const joined = await members.accept({ userId: made.value, email: input.email }, { token: input.invitation })
  return joined.ok ? ok(`/o/${joined.value.slug}`) : joined
})

/** Joins the organization of an invitation. The value is where to go. */
export const acceptInvitation = personAction(z.object({ token: tokenSchema }), async (person, input) => {
  const joined = await container().members.accept(person, input)
  return joined.ok ? ok(`/o/${joined.value.slug}`) : joined
})
