import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { hashContent } from "./content.mjs"

let root: string
const hash = () => hashContent(root, ["app", "package.json", "absent"])
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "turnpike-content-"))
  mkdirSync(join(root, "app", "deep"), { recursive: true })
  writeFileSync(join(root, "app", "deep", "page.tsx"), "one")
  writeFileSync(join(root, "package.json"), "{}")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test("a changed, added, renamed or removed file changes the hash; the same content does not", () => {
  const seen = [hash()]
  const differs = () => {
    const now = hash()
    expect(seen).not.toContain(now)
    seen.push(now)
  }
  expect(hash()).toBe(seen[0])
  writeFileSync(join(root, "app", "deep", "page.tsx"), "two")
  differs()
  writeFileSync(join(root, "app", "more.ts"), "")
  differs()
  renameSync(join(root, "app", "more.ts"), join(root, "app", "other.ts"))
  differs()
  rmSync(join(root, "package.json"))
  differs()
})

test("a changed test builds nothing anew", () => {
  const before = hash()
  writeFileSync(join(root, "app", "page.test.tsx"), "changed")
  writeFileSync(join(root, "app", "page.db.test.ts"), "changed")
  expect(hash()).toBe(before)
})
