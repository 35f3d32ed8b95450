import { expect, test } from "vitest"
import { createRandomPool } from "./random-pool.ts"

test("no random byte is handed out twice, across the ends of the pool and beyond its size", () => {
  let next = 0
  const fill = createRandomPool((bytes) => {
    const words = new DataView(bytes.buffer, bytes.byteOffset)
    for (let at = 0; at + 4 <= bytes.length; at += 4) words.setUint32(at, ++next)
  })
  const seen = new Set<number>()
  let drawn = 0
  for (const length of [...Array<number>(2_000).fill(16), 8_192]) {
    const bytes = new Uint8Array(length)
    fill(bytes)
    const words = new DataView(bytes.buffer)
    for (let at = 0; at < length; at += 4, drawn++) seen.add(words.getUint32(at))
  }
  expect(seen.size).toBe(drawn)
  expect(seen.has(0)).toBe(false)
})
