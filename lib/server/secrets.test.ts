import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { deriveSecrets, readRootSecret, writeRootSecret } from "./secrets.ts"

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-secrets-"))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const root = randomBytes(32).toString("hex")
const other = randomBytes(32).toString("hex")

test("no two purposes share a key, and none is the secret itself", () => {
  const secrets = deriveSecrets(root)
  const material = [secrets.peppers[0].key, secrets.sealingKeys[0].key, Buffer.from(secrets.nextAuthSecret, "base64url")].map((key) => key.toString("hex"))
  material.push(secrets.demoKeySeed.toString("hex"), secrets.fingerprint, root)
  for (const [i, one] of material.entries()) {
    for (const two of material.slice(i + 1)) {
      expect(one.startsWith(two.slice(0, 16)), `${one} and ${two}`).toBe(false)
    }
  }
})

test("the same secret gives the same keys, another gives others", () => {
  expect(deriveSecrets(root)).toEqual(deriveSecrets(root))
  expect(deriveSecrets(other).fingerprint).not.toBe(deriveSecrets(root).fingerprint)
  expect(deriveSecrets(other).peppers[0].key.equals(deriveSecrets(root).peppers[0].key)).toBe(false)
})

test("after a rotation the current keys come first and the previous ones still stand behind them", () => {
  const before = deriveSecrets(root)
  const rotated = deriveSecrets(other, root)
  expect(rotated.sealingKeys).toEqual([deriveSecrets(other).sealingKeys[0], before.sealingKeys[0]])
  expect(rotated.peppers).toEqual([deriveSecrets(other).peppers[0], before.peppers[0]])
  expect(rotated.previousFingerprint).toBe(before.fingerprint)
})

test("a previous secret that is the current one adds nothing", () => {
  expect(deriveSecrets(root, root)).toEqual(deriveSecrets(root))
})

test("a secret is made once, kept for its owner alone, and leaves no draft behind", () => {
  const made = readRootSecret(join(home, "new"), undefined)
  expect(made.length).toBeGreaterThanOrEqual(32)
  expect(readRootSecret(join(home, "new"), undefined)).toBe(made)
  expect(statSync(join(home, "new", "secret")).mode & 0o777).toBe(0o600)
})

test("TURNPIKE_SECRET is used as it is, and is not written down", () => {
  expect(readRootSecret(home, root)).toBe(root)
  expect(() => statSync(join(home, "secret"))).toThrow(/ENOENT/)
})

test("a secret file that was emptied is refused, not replaced", () => {
  writeFileSync(join(home, "secret"), "\n")
  expect(() => readRootSecret(home, undefined)).toThrow(/set TURNPIKE_SECRET/)
  expect(readFileSync(join(home, "secret"), "utf8")).toBe("\n")
})

test("a restored secret replaces the file and stays private", () => {
  writeFileSync(join(home, "secret"), other, { mode: 0o644 })
  writeRootSecret(home, root)
  expect(readRootSecret(home, undefined)).toBe(root)
  expect(statSync(join(home, "secret")).mode & 0o777).toBe(0o600)
})
