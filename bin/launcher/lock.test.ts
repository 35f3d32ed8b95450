import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { withLock } from "./lock.mjs"

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-lock-"))
  file = join(folder, "lock")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("two at once go one after the other, and the second says that it waits", async () => {
  const order: string[] = []
  let waits = 0
  const enter = (name: string) =>
    withLock(
      file,
      () => waits++,
      async () => {
        order.push(`${name} in`)
        await sleep(300)
        order.push(`${name} out`)
      },
    )
  await Promise.all([enter("a"), enter("b")])
  expect(order).toEqual(["a in", "a out", "b in", "b out"])
  expect(waits).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test("the lock of a killed process is taken over at once", async () => {
  const child = spawn(process.execPath, ["-e", ""])
  await once(child, "exit")
  writeFileSync(file, `${child.pid} token`)
  let waits = 0
  await withLock(file, () => waits++, async () => {})
  expect(waits).toBe(0)
})

test("a lock that nobody has touched for long is taken over though its process id lives, as after a container's restart", async () => {
  writeFileSync(file, `${process.ppid} token`)
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(file, longAgo, longAgo)
  expect(await withLock(file, () => {}, async () => "done")).toBe("done")
})

test("the lock is free again after work that fails", async () => {
  await expect(withLock(file, () => {}, async () => Promise.reject(new Error("no")))).rejects.toThrow("no")
  expect(existsSync(file)).toBe(false)
})
