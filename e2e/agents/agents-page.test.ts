import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { versions } from "./versions.ts"

test("docs/agents.md names what is installed, in the versions that are installed", async () => {
  const page = await readFile(new URL("../../docs/agents.md", import.meta.url), "utf8")
  const rows = [...page.matchAll(/^\| (?<name>[\w' ]+?) \| (?<version>[\d.]+) \|/gm)].map(({ groups }) => [groups!["name"], groups!["version"]])
  expect(rows).toEqual(Object.entries(versions))
})
