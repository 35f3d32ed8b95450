import { randomBytes, randomFillSync } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createSealer, UnsealFailure } from "./sealing.ts"

const key = (version: string) => ({ version, key: randomBytes(32) })
const fill = (bytes: Buffer) => void randomFillSync(bytes)
const reasonOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error instanceof UnsealFailure ? error.reason : error
  }
  return "opened"
}

test("what was sealed for a row opens for that row", () => {
  const sealer = createSealer([key("a")], fill)
  const text = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("latin1"))
  fc.assert(fc.property(text, fc.string({ maxLength: 32 }), (secret, row) => sealer.open(row, sealer.seal(row, secret)) === secret))
})

test("a sealed value moved to another row does not open", () => {
  const sealer = createSealer([key("a")], fill)
  expect(reasonOf(() => sealer.open("cred_2", sealer.seal("cred_1", "sk-secret")))).toBe("tampered")
})

test("a change of any character is noticed", () => {
  const sealer = createSealer([key("a")], fill)
  const sealed = sealer.seal("cred_1", "sk-secret-of-some-length")
  for (let i = 0; i < sealed.length; i++) {
    const flipped = sealed[i] === "A" ? "B" : "A"
    const changed = `${sealed.slice(0, i)}${flipped}${sealed.slice(i + 1)}`
    // The last character of a base64url part holds bits that decode to nothing: such a change is no change.
    const same = changed.split(".").every((part, at) => at < 2 ? part === sealed.split(".")[at] : Buffer.from(part, "base64url").equals(Buffer.from(sealed.split(".")[at] ?? "", "base64url")))
    if (!same) expect(reasonOf(() => sealer.open("cred_1", changed)), `position ${i}`).toMatch(/^(format|key|tampered)$/)
  }
})

test("the previous secret's values still open, and are known as stale", () => {
  const [old, fresh] = [key("old"), key("new")]
  const sealed = createSealer([old], fill).seal("cred_1", "sk-old")
  const rotated = createSealer([fresh, old], fill)
  expect(rotated.open("cred_1", sealed)).toBe("sk-old")
  expect(rotated.isStale(sealed)).toBe(true)
  expect(rotated.isStale(rotated.seal("cred_1", "sk-old"))).toBe(false)
})

test("without its key a value does not open, and the error names the cure and no secret", () => {
  const sealed = createSealer([key("old")], fill).seal("cred_1", "sk-old-secret")
  const other = createSealer([key("new")], fill)
  expect(() => other.open("cred_1", sealed)).toThrow(/TURNPIKE_SECRET_PREVIOUS/)
  expect(() => other.open("cred_1", sealed)).not.toThrow(/sk-old-secret/)
})

test.each(["", "plain", "v1.a.b.c.d", "v2.a.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"])("%j is not a sealed value", (text) => {
  expect(reasonOf(() => createSealer([key("a")], fill).open("cred_1", text))).toBe("format")
})

test("equal texts are sealed differently every time", () => {
  const sealer = createSealer([key("a")], fill)
  expect(sealer.seal("cred_1", "same")).not.toBe(sealer.seal("cred_1", "same"))
})
