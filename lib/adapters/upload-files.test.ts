import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createUploadFiles } from "./upload-files.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-uploads-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function read(chunks: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  return Buffer.concat(pieces).toString()
}

test("what was written is read again, in any part and as often as it is asked for, and never has a name", async () => {
  const file = await createUploadFiles(join(folder, "made")).create()
  await file.append(Buffer.from("hello "))
  expect(readdirSync(join(folder, "made"))).toEqual([])
  await file.append(Buffer.from("x".repeat(200_000)))
  for (let round = 0; round < 2; round++) {
    expect(await read(file.read(0, 6))).toBe("hello ")
    expect(await read(file.read(4, 200_006))).toBe(`o ${"x".repeat(200_000)}`)
    expect(await read(file.read(3, 3))).toBe("")
  }
  file.close()
})

test("all uploads together have a bound, and what is closed is free again", async () => {
  const files = createUploadFiles(folder, 10)
  const [one, other] = [await files.create(), await files.create()]
  await one.append(Buffer.from("123456"))
  await expect(other.append(Buffer.from("12345"))).rejects.toThrow("would be kept")
  one.close()
  one.close()
  await other.append(Buffer.from("12345"))
  other.close()
})

test("a folder that cannot be made makes no file", async () => {
  writeFileSync(join(folder, "file"), "")
  await expect(createUploadFiles(join(folder, "file", "below")).create()).rejects.toThrow()
})
