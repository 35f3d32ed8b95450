import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { clientsAt, majors } from "./clients.ts"

test("docs/clients.md says which clients there are, and what is left out of each and why", async () => {
  const page = await readFile(new URL("../../docs/clients.md", import.meta.url), "utf8")
  const clients = new Map<string, Set<string>>()
  for (const major of majors) {
    for (const { name, cannot } of clientsAt({ major, origin: "http://127.0.0.1", key: "none" })) {
      const reasons = clients.get(name) ?? new Set()
      for (const [what, why] of Object.entries(cannot)) reasons.add(`${what}: ${why}`)
      clients.set(name, reasons)
    }
  }
  const rows = [...page.matchAll(/^\| (.+?) \| ?(.*?) ?\|$/gm)].slice(1).map(([, name, reasons]) => [name, reasons])
  expect(rows).toEqual([...clients].map(([name, reasons]) => [name, [...reasons].join("; ")]))
})
