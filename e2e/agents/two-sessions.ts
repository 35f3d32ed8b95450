import { expect } from "vitest"
import type { Behaviour, ToolCall } from "#e2e/fixtures/behaviour.ts"
import { signatureOf as thinkingSignatureOf } from "#e2e/fixtures/dialects/anthropic-messages-request.ts"
import { signatureOf as callSignatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import { encryptedOf } from "#e2e/fixtures/dialects/openai-responses-request.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { callsAnswered } from "./played-turns.ts"
import type { Finished, Workspace } from "./workspace.ts"

/** What an agent does in its own tools, at once and then: by these calls' ids. */
export type Calls = Readonly<Record<"read" | "fails" | "long" | "edit", ToolCall>>

const FAILS_WITH = "It went wrong here."
/** Shell commands: one that fails with words, and one with a long result in one line; Codex would cut ten thousand bytes. */
export const commands = { fails: `echo "${FAILS_WITH}" >&2; exit 3`, long: "seq -s ' ' 1 2000" } as const
const LONG_RESULT = Array.from({ length: 2_000 }, (_, index) => index + 1).join(" ")

const thoughts = ["I look around first.", "Now I change it."] as const
const FIXED = "The typo is fixed."
const TOLD = "I put two letters in their order."

/** What the played model says in both sessions: three calls at once, the edit, that it is done; asked again, what it did. */
export function saidInTwoSessions({ read, fails, long, edit }: Calls): readonly Behaviour[] {
  return [
    { answer: { reasoning: thoughts[0], text: "Let me look.", toolCalls: [read, fails, long] } },
    { answer: { reasoning: thoughts[1], toolCalls: [edit] } },
    { answer: { text: FIXED } },
    { answer: { text: TOLD } },
  ]
}

/** The words of both sessions. */
export type Words = { readonly first: readonly string[]; readonly again: readonly string[] }

/** Runs an agent in a fresh workspace and expects that it mends the file in three turns, of which the last knows all four results. */
export async function workOnce(workspace: Workspace, calls: Calls, words: readonly string[]): Promise<Finished> {
  const finished = await workspace.run({ words, said: saidInTwoSessions(calls) })
  expect(finished.output).toContain(FIXED)
  expect([finished.code, finished.text, finished.turns.length]).toEqual([0, "This is the end.\n", 3])
  expectResults(finished.turns[2]!)
  return finished
}

/** `workOnce`, and then asks the agent in the same session what it did: a turn with all that was said and done before. */
export async function workTwoSessions(workspace: Workspace, calls: Calls, words: Words): Promise<Readonly<Record<keyof Words, Finished>>> {
  const first = await workOnce(workspace, calls, words.first)
  const again = await workspace.run({ words: words.again, said: saidInTwoSessions(calls) })
  expect(again.output).toContain(TOLD)
  expect([again.code, again.turns.length]).toEqual([0, 1])
  expectResults(again.turns[0]!)
  return { first, again }
}

function expectResults(turn: Exchange): void {
  // By their number: Vercel's package for Google sends no ids, and two of the four calls have one name.
  expect(callsAnswered(turn)).toHaveLength(4)
  for (const result of [FAILS_WITH, LONG_RESULT]) expect(turn.bodyText).toContain(result)
}

/**
 * Expects that a turn gives back what the channel signed before, unchanged. Chat completions sign nothing. `shown` false: the agent asks
 * Anthropic to leave the thinking's text out, and gets its signature alone.
 */
export function expectSigned({ bodyText }: Exchange, dialect: ClientDialect, { read, edit }: Calls, shown = true): void {
  const signatures = { cc: [], rs: thoughts.map(encryptedOf), am: shown ? thoughts.map(thinkingSignatureOf) : [thinkingSignatureOf("")], gm: [read, edit].map(({ name }) => callSignatureOf(name)) } satisfies Record<ClientDialect, readonly string[]>
  for (const signature of signatures[dialect]) expect(bodyText).toContain(signature)
}
