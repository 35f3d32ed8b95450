import { expect, test } from "vitest"
import { type Actor, type Member, type Role, roles } from "#lib/kernel/actor.ts"
import { mayChangeMember, mayManageMembers, mayReadMembers, rolesToGive } from "./policy.ts"

const member = (role: Role) => ({ kind: "member", role, isOperator: false }) as Member
const allowed = (may: (actor: Actor) => boolean) => roles.filter((role) => may(member(role)))

test("who may see and manage members, by role", () => {
  expect(allowed(mayReadMembers)).toEqual(["owner", "admin", "billing"])
  expect(allowed(mayManageMembers)).toEqual(["owner", "admin"])
})

test("owners give every role, admins every role but owner, the others none", () => {
  expect(Object.fromEntries(roles.map((role) => [role, rolesToGive(member(role))]))).toEqual({
    owner: ["owner", "admin", "billing", "member", "viewer"],
    admin: ["admin", "billing", "member", "viewer"],
    billing: [],
    member: [],
    viewer: [],
  })
  expect(mayChangeMember(member("admin"), "owner")).toBe(false)
})

test("an operator has no rights in an organization, and a program has all", () => {
  const operator: Actor = { kind: "person", isOperator: true, userId: "user_1", email: "", name: null, sessionId: "ses_1" }
  expect([mayReadMembers(operator), mayManageMembers(operator)]).toEqual([false, false])
  expect(mayManageMembers({ kind: "program", file: null })).toBe(true)
})
