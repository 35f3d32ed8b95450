import { expect, test } from "vitest"
import { commands, usage } from "../../bin/launcher/commands.mjs"
import { commandNames } from "./command-line.ts"

test("the launcher describes exactly the commands that there are", () => {
  expect(Object.keys(commands).sort()).toEqual([...commandNames].sort())
  for (const name of commandNames) expect(usage()).toMatch(new RegExp(`^  ${name}\\b`, "m"))
})
