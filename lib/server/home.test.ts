import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { describeHolder, type Holder, lockHome } from "./home.ts"

let home: string
const children: ChildProcess[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-home-"))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  rmSync(home, { recursive: true, force: true })
})

const now = () => Date.parse("2026-11-25T12:00:00Z")

/** Another process that holds the home until it is killed. */
async function holdElsewhere(): Promise<ChildProcess> {
  const source = `
    const { lockHome } = await import(${JSON.stringify(new URL("./home.ts", import.meta.url).href)})
    const attempt = lockHome(${JSON.stringify(home)}, "server", Date.now)
    if (attempt.ok) attempt.lock.publish("http://127.0.0.1:4321")
    process.stdout.write(String(attempt.ok))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "inherit"] })
  children.push(child)
  const [answer] = (await once(child.stdout!, "data")) as [Buffer]
  expect(answer.toString()).toBe("true")
  return child
}

test("a home that another process holds is refused, and that process is named", async () => {
  const child = await holdElsewhere()
  const attempt = lockHome(home, "command", now)
  if (attempt.ok) throw new Error("the home was given twice")
  expect(attempt.holder).toMatchObject({ kind: "server", pid: child.pid, url: "http://127.0.0.1:4321" })
  expect(describeHolder(attempt.holder)).toBe(`process ${child.pid}, http://127.0.0.1:4321`)
})

test("a killed holder frees the home at once and leaves nothing that stands in the way", async () => {
  const child = await holdElsewhere()
  child.kill("SIGKILL")
  await once(child, "exit")
  const attempt = lockHome(home, "server", now)
  expect(attempt.ok).toBe(true)
  if (attempt.ok) attempt.lock.release()
})

test("a holder file whose process id is alive again does not hold the home", () => {
  const stranger: Holder = { kind: "server", pid: process.ppid, host: "here", startedAt: new Date(now()).toISOString(), url: null }
  writeFileSync(join(home, "running.json"), JSON.stringify(stranger))
  const attempt = lockHome(home, "server", now)
  expect(attempt.ok).toBe(true)
  if (attempt.ok) attempt.lock.release()
})

test("a released home can be taken again, and says nothing of its last holder", () => {
  for (let round = 0; round < 2; round++) {
    const attempt = lockHome(home, "server", now)
    if (!attempt.ok) throw new Error("the home was not free")
    expect(lockHome(home, "server", now).ok).toBe(false)
    attempt.lock.release()
  }
  expect(readdirSync(home)).toEqual(["lock"])
})

test("a home below a file is refused by the file system's own code", () => {
  writeFileSync(join(home, "file"), "")
  expect(() => lockHome(join(home, "file", "home"), "server", now)).toThrow(expect.objectContaining({ code: "ENOTDIR" }) as Error)
})
