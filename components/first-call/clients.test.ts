import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { opencodePackages } from "./agents.ts"
import { clientIds, clients } from "./clients.ts"
import type { Place, Snippet } from "./place.ts"

const place: Place = { origin: "https://ai.example.com", model: "glm-4.6", prompt: "Say hello" }
const codeOf = (id: keyof typeof clients, given: Partial<Place> = {}): string => clients[id].snippets({ ...place, ...given }).at(-1)!.code

/** What a shell hands to `command`, and the variables that it sets for it. */
function shellHands(code: string, command: string, variables: readonly string[] = []): readonly string[] {
  const script = `${command}() { printf '%s\\0' ${variables.map((name) => `"$${name}"`).join(" ")} "$@"; }\n${code}`
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env: { NODE_ENV: "test", TURNPIKE_KEY: "sk-tp-env" } }).split("\0").slice(0, -1)
}

test("the shell hands curl exactly the address, the key and a body that is JSON", () => {
  const prompt = `It's "quoted" $HOME \\ 你好`
  const words = shellHands(codeOf("curl", { prompt, secret: "sk-tp-abc" }), "curl")
  expect(words.slice(0, -1)).toEqual(["https://ai.example.com/api/v1/chat/completions", "-H", "Authorization: Bearer sk-tp-abc", "-H", "Content-Type: application/json", "-d"])
  expect(JSON.parse(words.at(-1) ?? "")).toEqual({ model: "glm-4.6", messages: [{ role: "user", content: prompt }] })
})

test.each(clientIds)("%s is given the new key, and TURNPIKE_KEY where there is none", (id) => {
  const all = (given: Partial<Place>) => clients[id].snippets({ ...place, ...given }).map(({ code }) => code).join("\n")
  expect(all({ secret: "sk-tp-abc" })).toContain("sk-tp-abc")
  expect(all({})).toMatch(/TURNPIKE_KEY/)
  expect(all({})).not.toContain("sk-tp-")
})

const agentVariables = {
  claudeCode: { command: "claude", variables: ["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"], values: (key: string, model: string) => ["https://ai.example.com/api", key, model, model] },
  codex: { command: "codex", variables: ["TURNPIKE_KEY"], values: (key: string) => [key] },
  geminiCli: { command: "gemini", variables: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", "GEMINI_MODEL"], values: (key: string, model: string) => ["https://ai.example.com/api", key, model] },
  opencode: { command: "opencode", variables: ["TURNPIKE_KEY"], values: (key: string) => [key] },
} as const

test.each(Object.keys(agentVariables) as (keyof typeof agentVariables)[])("%s is started with its address, key and model, whatever the model is called", (id) => {
  const { command, variables, values } = agentVariables[id]
  expect(shellHands(codeOf(id, { secret: "sk-tp-abc" }), command, variables)).toEqual(values("sk-tp-abc", "glm-4.6"))
  expect(shellHands(codeOf(id, { model: "it's $HOME" }), command, variables)).toEqual(values("sk-tp-env", "it's $HOME"))
})

const sections = (path: string) => new Map(readFileSync(new URL(path, import.meta.url), "utf8").split(/^##+ /m).map((section) => [section.split("\n", 1)[0]!, section]))
const blocksOf = (section = ""): readonly Pick<Snippet, "language" | "code">[] => [...section.matchAll(/^```(?<language>\w+)\n(?<code>[^]*?)\n```$/gm)].map(({ groups }) => ({ language: groups!["language"] as Snippet["language"], code: groups!["code"]! }))
const shown = (snippets: readonly Snippet[]) => snippets.map(({ language, code }) => ({ language, code }))
const example: Place = { origin: "http://127.0.0.1:3000", model: "glm-5.3", smallModel: "glm-5.3-flash", prompt: "Hello" }

test("docs/agents.md shows each agent's snippets as pages do, in its files and dialects", () => {
  const page = sections("../../docs/agents.md")
  for (const { name, kind, snippets } of Object.values(clients)) {
    if (kind === "program") continue
    expect(blocksOf(page.get(name)), name).toEqual(shown(snippets(example)))
    for (const { file } of snippets(example)) if (file !== undefined) expect(page.get(name)).toContain(`\`${file}\``)
  }
  const rows = page.get("opencode")!.split("\n").filter((line) => line.startsWith("| `@"))
  expect(rows).toEqual(opencodePackages.map(({ npm, speaks, path }) => `| \`${npm}\` | ${speaks} | \`${example.origin}${path}\` |`))
})

test.each(["README.md", "README.zh-CN.md"])("%s shows the first call and Claude Code as pages do", (name) => {
  const code = readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")
  const prompt = name === "README.md" ? "Hello" : "你好"
  for (const id of ["openaiPython", "claudeCode"] as const) expect(code).toContain(codeOf(id, { ...example, prompt }))
})
