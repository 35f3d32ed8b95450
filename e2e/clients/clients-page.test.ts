import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import type { Dialect } from "#lib/wire/dialect.ts"
import { clientsAt, majors } from "./clients.ts"
import { type Kind, kinds } from "./upstreams.ts"

const page = await readFile(new URL("../../docs/clients.md", import.meta.url), "utf8")
/** The rows of the table with this head. */
const rowsBelow = (head: string) =>
  (page.slice(page.indexOf(`| ${head} |`)).split("\n\n", 1)[0] ?? "")
    .split("\n")
    .slice(2)
    .map((line) => /^\| (.+?) \| ?(.*?) ?\|$/.exec(line)?.slice(1))

test("docs/clients.md says which clients there are, and what is left out of each and why", () => {
  const clients = new Map<string, Set<string>>()
  for (const major of majors) {
    for (const { name, cannot } of clientsAt({ major, origin: "http://127.0.0.1", key: "none" })) {
      const reasons = clients.get(name) ?? new Set()
      for (const [what, why] of Object.entries(cannot)) reasons.add(`${what}: ${why}`)
      clients.set(name, reasons)
    }
  }
  expect(rowsBelow("client | left out, and why")).toEqual([...clients].map(([name, reasons]) => [name, [...reasons].join("; ")]))
})

const dialectNames = { cc: "chat completions", rs: "responses", am: "messages", gm: "generateContent", br: "converse" } as const satisfies Record<Dialect, string>

test("docs/clients.md says which kinds of channels they ask, and in which dialects", () => {
  expect(rowsBelow("channel | asked in")).toEqual(Object.entries<Kind>(kinds).map(([name, { speaks }]) => [name, speaks.map((dialect) => dialectNames[dialect]).join(", ")]))
})
