import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { errorCodes } from "./error-codes.ts"

test("docs/dialects.md names every code with its status and its types", () => {
  const documented = [...readFileSync("docs/dialects.md", "utf8").matchAll(/^\| `(\w+)` \| (\d+) \| `(\w+)` \| `(\w+)` \|$/gm)].map(([, code, status, openai, anthropic]) => [code, Number(status), openai, anthropic])
  expect(documented).toEqual(Object.entries(errorCodes).map(([code, { status, openai, anthropic }]) => [code, status, openai, anthropic]))
})
