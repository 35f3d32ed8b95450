import { expect, test } from "vitest"
import { issuesOf } from "./problems.ts"
import { fileSchema } from "./schema.ts"

const problems = (credential: unknown): readonly string[] => {
  const channel = { name: "glm", provider: "zhipu-coding", models: ["glm-4.6"], credentials: [credential] }
  const { error } = fileSchema.safeParse({ version: 1, channels: [channel] })
  return issuesOf(error!, (key) => key).map(({ path, message }) => `${path.slice(4).join(".")}: ${message}`)
}

test("what may be written in several ways is measured against the way whose fields it has", () => {
  const window = { every: "5h", limit: 0, unit: "prompts" }
  expect(problems({ secret: "s", windows: [window, { ...window, unit: "tokens", every: "5 h" }] })).toEqual([
    expect.stringMatching(/^windows\.0\.limit: /),
    "windows.1.every: channels.planEvery",
    expect.stringMatching(/^windows\.1\.limit: /),
  ])
  expect(problems({ secret: "s", window: [] })).toEqual(["window: unknown field"])
  expect(problems({ tenantId: "t", clientId: "c" })).toEqual(["clientSecret: is missing"])
  expect(problems({ accessKeyId: "a", secretAccessKey: "", sessionToken: "" })).toEqual([expect.stringMatching(/^secretAccessKey: /), expect.stringMatching(/^sessionToken: /)])
})
