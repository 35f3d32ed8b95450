import { claudeCode, codex, geminiCli, opencode } from "./agents.ts"
import type { Place, Snippet } from "./place.ts"
import { anthropicTypescript, curl, googleTypescript, openaiPython, openaiTypescript, vercelTypescript } from "./programs.ts"

/** What is pointed here: proper names, the same in every language. */
type Client = { readonly name: string; readonly kind: "program" | "agent"; readonly snippets: (place: Place) => readonly Snippet[] }

/**
 * How each client is pointed here, to be copied as it stands: what pages show, what docs/agents.md and the README say (a test holds them to
 * this), and what the tests run.
 */
export const clients = {
  curl: { name: "curl", kind: "program", snippets: curl },
  openaiTypescript: { name: "OpenAI TypeScript", kind: "program", snippets: openaiTypescript },
  openaiPython: { name: "OpenAI Python", kind: "program", snippets: openaiPython },
  anthropic: { name: "Anthropic", kind: "program", snippets: anthropicTypescript },
  google: { name: "Google", kind: "program", snippets: googleTypescript },
  vercel: { name: "Vercel AI SDK", kind: "program", snippets: vercelTypescript },
  claudeCode: { name: "Claude Code", kind: "agent", snippets: claudeCode },
  codex: { name: "Codex", kind: "agent", snippets: codex },
  geminiCli: { name: "Gemini CLI", kind: "agent", snippets: geminiCli },
  opencode: { name: "opencode", kind: "agent", snippets: (place) => opencode(place) },
} as const satisfies Readonly<Record<string, Client>>

export type ClientId = keyof typeof clients
export const clientIds = Object.keys(clients) as ClientId[]
