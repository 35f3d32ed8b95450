import { refresh } from "next/cache"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import type { z } from "zod"
import type { Member, Person } from "#lib/kernel/actor.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import type { FormState } from "#lib/kernel/form-state.ts"
import type { Result } from "#lib/kernel/result.ts"
import { formInput } from "./form-input.ts"
import { describeIssue } from "./input-errors.ts"
import { isOwnOrigin, requireMember, requireOperator, requirePerson } from "./session.ts"

type Outcome<T> = Promise<Result<T, FeatureError>> | Result<T, FeatureError>

/**
 * Server actions. Each authorizes itself before it looks at its input, reads the input by a zod schema, and answers a `FormState`
 * in the reader's language. What the actor may not do or see is a 404, as it is for pages. `redirect()` may be called inside.
 *
 * Input is a form's data (names with dots nest, names ending in `[]` are lists) or a plain value.
 */

/** An action of a signed-in member; `useActionState(createKey.bind(null, organizationSlug), idle)`. */
export function memberAction<S extends z.ZodType, T>(schema: S, work: (member: Member, input: z.output<S>) => Outcome<T>, allowed?: (member: Member) => boolean) {
  return async (organizationSlug: string, _previous: FormState<T> | null, input: FormData | z.input<S>): Promise<FormState<T>> => {
    const member = await requireMember(String(organizationSlug), allowed)
    return answer(schema, input, (parsed) => work(member, parsed))
  }
}

/** An action of an operator. */
export function operatorAction<S extends z.ZodType, T>(schema: S, work: (operator: Person, input: z.output<S>) => Outcome<T>) {
  return async (_previous: FormState<T> | null, input: FormData | z.input<S>): Promise<FormState<T>> => {
    const operator = await requireOperator()
    return answer(schema, input, (parsed) => work(operator, parsed))
  }
}

/** An action of anybody who is signed in, about themselves. */
export function personAction<S extends z.ZodType, T>(schema: S, work: (person: Person, input: z.output<S>) => Outcome<T>) {
  return async (_previous: FormState<T> | null, input: FormData | z.input<S>): Promise<FormState<T>> => {
    const person = await requirePerson()
    return answer(schema, input, (parsed) => work(person, parsed))
  }
}

/** An action of somebody who is not signed in: sign-up, set-up. Its own input (a token, a policy) must authorize it. */
export function publicAction<S extends z.ZodType, T>(schema: S, work: (input: z.output<S>) => Outcome<T>) {
  return async (_previous: FormState<T> | null, input: FormData | z.input<S>): Promise<FormState<T>> => answer(schema, input, work, false)
}

/** The page's data is loaded anew after a success; `reload` false leaves it to the action. */
async function answer<S extends z.ZodType, T>(schema: S, input: unknown, work: (parsed: z.output<S>) => Outcome<T>, reload = true): Promise<FormState<T>> {
  if (!(await isOwnOrigin())) return refused(originRefused)
  const parsed = schema.safeParse(input instanceof FormData ? formInput(input) : input, { reportInput: true })
  if (!parsed.success) {
    const fields: Record<string, string> = {}
    for (const issue of parsed.error.issues) {
      const { field, key, params } = describeIssue(issue)
      fields[field] ??= await translate(key, params)
    }
    return { status: "refused", fields }
  }
  const result = await work(parsed.data)
  if (!result.ok) {
    if (result.error.kind === "notFound" && result.error.field === undefined) notFound()
    return refused(result.error)
  }
  if (reload) refresh()
  return { status: "done", value: result.value }
}

const originRefused: FeatureError = { kind: "invalid", key: "origin" }

async function refused<T>(error: FeatureError): Promise<FormState<T>> {
  const message = await translate(error.key, error.params)
  return error.field === undefined ? { status: "refused", message, fields: {} } : { status: "refused", fields: { [error.field]: message } }
}

/** The text of an error's key, which names a message below `errors`. Keys are checked by a test, not by the compiler. */
async function translate(key: string, params?: FeatureError["params"]): Promise<string> {
  const t = await getTranslations("errors")
  return t(key as never, params as never)
}

