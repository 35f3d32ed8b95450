import { expect, test } from "vitest"
import { isCurrent, navigationFor, organizationNavigation } from "./navigation.ts"

const shown = (role: Parameters<typeof navigationFor>[1]) => navigationFor(organizationNavigation, role).flatMap((group) => group.items.map((item) => item.label))

test("settings are shown to those who may change them, and to nobody else", () => {
  expect(shown("owner")).toContain("settings")
  expect(shown("admin")).toContain("settings")
  for (const role of ["billing", "member", "viewer"] as const) expect(shown(role)).not.toContain("settings")
})

test("members are shown to those who may see them, and to nobody else", () => {
  for (const role of ["owner", "admin", "billing"] as const) expect(shown(role)).toContain("members")
  for (const role of ["member", "viewer"] as const) expect(shown(role)).not.toContain("members")
})

test("the overview is current on its own address only", () => {
  expect(isCurrent("/o/acme", "/o/acme", "")).toBe(true)
  expect(isCurrent("/o/acme/keys", "/o/acme", "")).toBe(false)
})

test("a section is current on the pages below it, and not on one whose name begins alike", () => {
  expect(isCurrent("/o/acme/keys", "/o/acme", "/keys")).toBe(true)
  expect(isCurrent("/o/acme/keys/key_1", "/o/acme", "/keys")).toBe(true)
  expect(isCurrent("/o/acme/keystone", "/o/acme", "/keys")).toBe(false)
})
