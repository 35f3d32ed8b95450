import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { snippets } from "./snippets.ts"

const input = { origin: "https://ai.example.com", model: "glm-4.6", prompt: "Say hello" }

test("the shell hands curl exactly the address, the key and a body that is JSON", () => {
  const prompt = `It's "quoted" $HOME \\ 你好`
  const { curl } = snippets({ ...input, prompt, secret: "sk-tp-abc" })
  const script = `curl() { printf '%s\\0' "$@"; }\n${curl}`
  const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1)
  expect(words.slice(0, -1)).toEqual(["https://ai.example.com/api/v1/chat/completions", "-H", "Authorization: Bearer sk-tp-abc", "-H", "Content-Type: application/json", "-d"])
  expect(JSON.parse(words.at(-1) ?? "")).toEqual({ model: "glm-4.6", messages: [{ role: "user", content: prompt }] })
})

test("without a key at hand, every snippet reads it from the environment", () => {
  const all = snippets(input)
  expect(all.curl).toContain("Bearer $TURNPIKE_KEY")
  expect(all.python).toContain('os.environ["TURNPIKE_KEY"]')
  expect(all.javascript).toContain("process.env.TURNPIKE_KEY")
})

test("the programs' snippets point OpenAI's packages at /api/v1", () => {
  const all = snippets({ ...input, secret: "sk-tp-abc" })
  expect(all.python).toContain('OpenAI(base_url="https://ai.example.com/api/v1", api_key="sk-tp-abc")')
  expect(all.python).not.toContain("import os")
  expect(all.javascript).toContain('new OpenAI({ baseURL: "https://ai.example.com/api/v1", apiKey: "sk-tp-abc" })')
})

test("Claude Code is started with the address below which it finds /v1/messages, the key and the model", () => {
  const started = (given: Partial<Parameters<typeof snippets>[0]>) => {
    const script = `claude() { printf '%s\\0' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_AUTH_TOKEN" "$ANTHROPIC_MODEL" "$ANTHROPIC_DEFAULT_HAIKU_MODEL"; }\n${snippets({ ...input, ...given }).claudeCode}`
    return execFileSync("sh", ["-c", script], { encoding: "utf8", env: { NODE_ENV: "test", TURNPIKE_KEY: "sk-tp-env" } }).split("\0").slice(0, -1)
  }
  expect(started({ secret: "sk-tp-abc" })).toEqual(["https://ai.example.com/api", "sk-tp-abc", "glm-4.6", "glm-4.6"])
  expect(started({ model: "it's $HOME" })).toEqual(["https://ai.example.com/api", "sk-tp-env", "it's $HOME", "it's $HOME"])
})
