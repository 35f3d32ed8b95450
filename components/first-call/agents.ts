import { literal, type Place, shellKey, shellWord, type Snippet } from "./place.ts"

/** The shell's part of each agent ends in its command, so that words can follow. */
const shell = (...lines: readonly string[]): Snippet => ({ language: "sh", code: lines.join("\n") })

/** An agent that reads `TURNPIKE_KEY` by itself needs it said only where it is new. */
const exportedKey = (place: Place): readonly string[] => (place.secret === undefined ? [] : [`export TURNPIKE_KEY=${shellKey(place)}`])

/** Claude Code appends /v1/messages itself. Its small calls (titles, searches) go to the model that it calls Haiku. */
export function claudeCode(place: Place): readonly Snippet[] {
  const { origin, model, smallModel = model } = place
  return [
    shell(
      `export ANTHROPIC_BASE_URL=${shellWord(`${origin}/api`)}`,
      `export ANTHROPIC_AUTH_TOKEN=${shellKey(place)}`,
      `export ANTHROPIC_MODEL=${shellWord(model)}`,
      `export ANTHROPIC_DEFAULT_HAIKU_MODEL=${shellWord(smallModel)}`,
      "claude",
    ),
  ]
}

export function codex(place: Place): readonly Snippet[] {
  const lines = [
    `model = ${literal(place.model)}`,
    'model_provider = "turnpike"',
    "check_for_update_on_startup = false",
    "",
    "[model_providers.turnpike]",
    'name = "Turnpike"',
    `base_url = ${literal(`${place.origin}/api/v1`)}`,
    'env_key = "TURNPIKE_KEY"',
    'wire_api = "responses"',
    "",
    "# What Codex would tell OpenAI and fetch from there at its start.",
    "[analytics]",
    "enabled = false",
    "",
    "[features]",
    "plugins = false",
  ]
  return [{ language: "toml", file: "~/.codex/config.toml", code: lines.join("\n") }, shell(...exportedKey(place), "codex")]
}

/**
 * The settings name the way in, which the address alone leaves open (0.61: “Invalid auth method selected”), and send to a model of the
 * reader's what Gemini CLI asks of Google's by name.
 */
export function geminiCli(place: Place): readonly Snippet[] {
  const { origin, model, smallModel = model } = place
  const lines = [
    "{",
    '  "security": { "auth": { "selectedType": "gemini-api-key" } },',
    '  "privacy": { "usageStatisticsEnabled": false },',
    '  "modelConfigs": {',
    '    "customAliases": {',
    `      "gemini-3-flash-base": { "extends": "base", "modelConfig": { "model": ${literal(smallModel)} } },`,
    `      "chat-compression-default": { "modelConfig": { "model": ${literal(model)} } }`,
    "    }",
    "  }",
    "}",
  ]
  return [
    { language: "json", file: "~/.gemini/settings.json", code: lines.join("\n") },
    shell(`export GOOGLE_GEMINI_BASE_URL=${shellWord(`${origin}/api`)}`, `export GEMINI_API_KEY=${shellKey(place)}`, `export GEMINI_MODEL=${shellWord(model)}`, "gemini"),
  ]
}

/** The packages by which opencode speaks, each with its dialect and its address below the origin. */
export const opencodePackages = [
  { npm: "@ai-sdk/openai-compatible", speaks: "chat completions", path: "/api/v1" },
  { npm: "@ai-sdk/openai", speaks: "responses", path: "/api/v1" },
  { npm: "@ai-sdk/anthropic", speaks: "messages", path: "/api/v1" },
  { npm: "@ai-sdk/google", speaks: "Gemini", path: "/api/v1beta" },
] as const

export type OpencodePackage = (typeof opencodePackages)[number]

export function opencode(place: Place, { npm, path }: OpencodePackage = opencodePackages[0]): readonly Snippet[] {
  const { origin, model, smallModel = model } = place
  const models = [...new Set([model, smallModel])].map((name) => `${literal(name)}: { "reasoning": true }`)
  const lines = [
    "{",
    '  "$schema": "https://opencode.ai/config.json",',
    '  "provider": {',
    '    "turnpike": {',
    `      "npm": ${literal(npm)},`,
    '      "name": "Turnpike",',
    `      "options": { "baseURL": ${literal(`${origin}${path}`)}, "apiKey": "{env:TURNPIKE_KEY}" },`,
    `      "models": { ${models.join(", ")} }`,
    "    }",
    "  },",
    `  "model": ${literal(`turnpike/${model}`)},`,
    `  "small_model": ${literal(`turnpike/${smallModel}`)}`,
    "}",
  ]
  return [{ language: "json", file: "~/.config/opencode/opencode.json", code: lines.join("\n") }, shell(...exportedKey(place), "opencode")]
}
