import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { build, end, type Home, kill, launcher, makeHome, root, type Run } from "./turnpike.ts"

let home: Home
const runs: Run[] = []
const folders: string[] = []

beforeAll(async () => {
  build()
  home = await makeHome()
})
afterEach(async () => {
  for (const run of runs.splice(0)) await end(run)
})
afterAll(async () => {
  await home.remove()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

function start(words: readonly string[], settings: Readonly<Record<string, string>> = {}, checkout = root): Run {
  const run = launcher(words, { TURNPIKE_HOME: home.path, ...settings }, checkout)
  runs.push(run)
  return run
}

/** A checkout with nothing but what the launcher itself is made of. */
async function bareCheckout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "turnpike-bare-"))
  folders.push(folder)
  for (const path of ["bin", "package.json", "package-lock.json", ".npmrc"]) await cp(join(root, path), join(folder, path), { recursive: true })
  return folder
}

test("a start of a built checkout does nothing but start, and a signal to the launcher stops the server in order", async () => {
  const run = start(["start"])
  await run.ready()
  expect(run.output()).not.toMatch(/Installing|Generating|Building/)
  expect(await end(run, "SIGTERM")).toBe(0)
  expect(run.output()).toContain("stopping")
})

test("a killed launcher takes the server with it, so that the next start has the home", async () => {
  const first = start(["start"])
  const origin = await first.ready()
  await kill(first)
  const second = start(["start"])
  await second.ready()
  await expect(fetch(`${origin}/api/health`)).rejects.toThrow()
})

test("a registry that cannot be reached is named, with what to do, and nothing is left half installed", async () => {
  const checkout = await bareCheckout()
  const cache = join(checkout, "cache")
  const run = start(["start"], { npm_config_registry: "http://127.0.0.1:1/", npm_config_cache: cache }, checkout)
  expect(await run.ended).toBe(1)
  expect(run.output()).toMatch(/^turnpike: The npm registry http:\/\/127\.0\.0\.1:1\/ cannot be reached: .*npm_config_registry/m)
})

test("a build that fails is shown, and the next start tries again", async () => {
  const checkout = await bareCheckout()
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"))
  await mkdir(join(checkout, "scripts"))
  for (let round = 0; round < 2; round++) {
    const run = start(["start"], {}, checkout)
    expect(await run.ended).toBe(1)
    expect(run.output()).toMatch(/Generating the database client +failed\n/)
    expect(run.output()).toContain("generate.mjs")
  }
})

test("help and a wrong command need no preparation", async () => {
  const checkout = await bareCheckout()
  const help = start(["help"], {}, checkout)
  expect(await help.ended).toBe(0)
  expect(help.output()).toMatch(/usage: .*\n[\s\S]*start \[--dev\]/)
  const wrong = start(["strat"], {}, checkout)
  expect(await wrong.ended).toBe(2)
  expect(wrong.output()).toContain("There is no command “strat”")
})
