import { expect, test } from "vitest"
import { refuseOldNode, runsServer, serverNode } from "./node.mjs"

test.each([
  ["20.10.0", false],
  ["22.18.0", false],
  ["22.19.0", true],
  ["22.23.2", true],
  ["23.11.0", false],
  ["24.0.0", true],
  ["26.3.0", true],
])("Node %s runs the server: %s", (version, runs) => {
  expect(runsServer(version)).toBe(runs)
})

test("a Node that cannot even run the launcher is refused with what to install", () => {
  expect(() => refuseOldNode("18.20.4")).toThrow(/Node 18\.20\.4 is too old .*20\.10/)
  expect(() => refuseOldNode("20.9.0")).toThrow(/too old/)
  expect(() => refuseOldNode("20.10.0")).not.toThrow()
})

test("an older Node is helped by one below the checkout, a newer one is used as it is", () => {
  expect(serverNode("/srv/turnpike", "24.21.0")).toEqual({ path: process.execPath, runtime: null })
  const { path, runtime } = serverNode("/srv/turnpike", "20.20.2")
  expect(path).toContain("/srv/turnpike/.turnpike/runtime/node-")
  expect(runtime?.integrity).toMatch(/^sha512-/)
})
