import { parentPort } from "node:worker_threads"
import type { Encoding } from "#lib/wire/tokens/prompt-text.ts"
import { countTexts } from "./count.ts"

/* The thread that counts tokens: it loads a vocabulary when it is first asked for (measured: a second and 70 MB). */

export type Question = { readonly id: number; readonly encoding: Encoding; readonly texts: readonly string[] }
export type Reply = { readonly id: number; readonly tokens: number }

const vocabularies = {
  o200k_base: () => import("gpt-tokenizer/encoding/o200k_base"),
  cl100k_base: () => import("gpt-tokenizer/encoding/cl100k_base"),
} as const satisfies Record<Encoding, unknown>

/** What looks like a vocabulary's own marks is a user's text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }

parentPort?.on("message", ({ id, encoding, texts }: Question) => {
  void vocabularies[encoding]().then(({ countTokens }) => {
    parentPort?.postMessage({ id, tokens: countTexts(texts, (piece) => countTokens(piece, AS_TEXT)) } satisfies Reply)
  })
})
