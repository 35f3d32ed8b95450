import type { Result } from "#lib/kernel/result.ts"
import type { Call } from "./call.ts"

/** One earlier call and its answer, as they were kept. */
export type Remembered = { readonly input: readonly unknown[]; readonly answer: Readonly<Record<string, unknown>> }

/** What a call refers to of earlier answers. */
export type References = {
  /** The answer that it continues. */
  readonly previousId: string | null
  /** Single items, by their ids. */
  readonly itemIds: readonly string[]
}

/** What is kept of a call and its answer. `json` is that of a `Remembered`. */
export type MemoryRecord = { readonly itemIds: readonly string[]; readonly json: string }

/** How a dialect speaks of earlier answers (RS). What they said is put into the request before any channel sees it (W-80). */
export type AnswerMemory = {
  references(call: Call): References
  /** Whether the client wants this answer kept. */
  wantsKept(call: Call): boolean
  /** Whether it said so itself. */
  asksToKeep(call: Call): boolean
  /** The body that says that its answer is not kept. */
  unkept(body: Buffer): Buffer
  /**
   * The body with everything that it refers to in its place: `history` from the first answer on, and `holding` where single items are
   * found. The error is the id of an item that is nowhere. Throws a RangeError where what is sent is nested too deeply (chat/nesting.ts).
   */
  recall(body: Buffer, call: Call, remembered: { readonly history: readonly Remembered[]; readonly holding: readonly Remembered[] }): Result<Buffer, string>
  /** `holding` as for `recall`: what is kept refers to nothing. Null: the answer is none, or the call is nested too deeply. */
  record(call: Call, holding: readonly Remembered[], answer: Buffer): MemoryRecord | null
}
