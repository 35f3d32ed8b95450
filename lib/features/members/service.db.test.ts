import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"
import { roles } from "#lib/kernel/actor.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { INVITATIONS_PER_DAY_MAX } from "./service.ts"

let database: TestDatabase
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  world = createWorld(database)
})
afterAll(() => database.drop())

const notFound = { ok: false, error: { kind: "notFound" } }
let guests = 0
const emailOf = () => `guest${++guests}@example.org`

test("an organization is entered by its members alone, and not while it is disabled", async () => {
  const { id, slug, members } = await world.organization("Acme", "viewer")
  const stranger = await world.person({ isOperator: true })
  expect(await world.members.enter(members[0]!, slug)).toMatchObject({ role: "viewer", organizationId: id })
  expect(await world.members.enter(stranger, slug)).toBeNull()
  expect(await world.members.enter(stranger, "no-such-organization")).toBeNull()
  await database.systemClient.organization.update({ where: { id }, data: { disabledAt: new Date() } })
  expect(await world.members.enter(members[0]!, slug)).toBeNull()
})

test("removing a member revokes their keys and nobody else's", async () => {
  const { id, members } = await world.organization("Acme", "owner", "member", "member")
  const [owner, leaver, stayer] = members
  for (const [index, member] of [leaver, stayer].entries()) {
    await database.systemClient.apiKey.create({ data: { id: `key_${id}${index}`, organizationId: id, membershipId: member!.membershipId, name: "k", secretHash: `${id}${index}`, prefix: "sk-tp-" } })
  }
  valueOf(await world.members.remove(owner!, { membershipId: leaver!.membershipId }))
  expect(await world.members.enter(leaver!, leaver!.organizationSlug)).toBeNull()
  const keys = await database.systemClient.apiKey.findMany({ where: { organizationId: id }, orderBy: { id: "asc" } })
  expect(keys.map((key) => key.revokedAt)).toEqual([new Date(world.clock.now()), null])
})

test("the last owner can neither leave, nor be removed, nor step down, even when two try at once", async () => {
  const { members } = await world.organization("Acme", "owner", "owner")
  const outcomes = await Promise.all(members.map((owner) => world.members.leave(owner)))
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
  const last = members[outcomes.findIndex((outcome) => !outcome.ok)]!
  const refused = { ok: false, error: { key: "members.lastOwner" } }
  expect(await world.members.leave(last)).toMatchObject(refused)
  expect(await world.members.remove(last, { membershipId: last.membershipId })).toMatchObject(refused)
  expect(await world.members.changeRole(last, { membershipId: last.membershipId, role: "admin" })).toMatchObject(refused)
})

test("an admin manages everybody but owners, and nobody below an admin manages anybody", async () => {
  const { members } = await world.organization("Acme", ...roles)
  const [owner, admin, billing, member, viewer] = members
  expect(await world.members.changeRole(admin!, { membershipId: owner!.membershipId, role: "viewer" })).toMatchObject(notFound)
  expect(await world.members.remove(admin!, { membershipId: owner!.membershipId })).toMatchObject(notFound)
  expect(await world.members.changeRole(admin!, { membershipId: viewer!.membershipId, role: "owner" })).toMatchObject(notFound)
  expect(await world.members.invite(admin!, { email: emailOf(), role: "owner" })).toMatchObject(notFound)
  for (const low of [billing!, member!, viewer!]) {
    expect(await world.members.invite(low, { email: emailOf(), role: "viewer" })).toMatchObject(notFound)
    expect(await world.members.remove(low, { membershipId: viewer!.membershipId })).toMatchObject(notFound)
    expect(await world.members.changeRole(low, { membershipId: low.membershipId, role: "admin" })).toMatchObject(notFound)
  }
  for (const low of [member!, viewer!]) expect(await world.members.list(low)).toMatchObject(notFound)
  valueOf(await world.members.changeRole(admin!, { membershipId: viewer!.membershipId, role: "member" }))
  expect(valueOf(await world.members.list(admin!)).map(({ role, changeable }) => [role, changeable])).toEqual([["owner", false], ["admin", true], ["billing", true], ["member", true], ["member", true]])
})

test("another organization's member, invitation and id are not found", async () => {
  const { members: ours } = await world.organization("Acme", "owner")
  const { id, members: theirs } = await world.organization("Other", "owner", "member")
  const owner = ours[0]!
  expect(await world.members.remove(owner, { membershipId: theirs[1]!.membershipId })).toMatchObject(notFound)
  expect(await world.members.changeRole(owner, { membershipId: theirs[1]!.membershipId, role: "viewer" })).toMatchObject(notFound)
  valueOf(await world.members.invite(theirs[0]!, { email: emailOf(), role: "member" }))
  const [invitation] = valueOf(await world.members.listInvitations(theirs[0]!))
  expect(valueOf(await world.members.listInvitations(owner))).toEqual([])
  expect(await world.members.revokeInvitation(owner, { invitationId: invitation!.id })).toMatchObject(notFound)
  expect(await database.systemClient.invitation.count({ where: { organizationId: id, revokedAt: null } })).toBe(1)
})

test("an accepted invitation makes a member with the role and the budget it named, once", async () => {
  const { id, slug, members } = await world.organization("Acme", "owner")
  const guest = await world.person()
  const { token } = valueOf(await world.members.invite(members[0]!, { email: guest.email, role: "billing", budget: { amount: nanoUsd(1_000_000_000n), period: "month" } }))
  expect(await world.members.openInvitation(token)).toEqual({ email: guest.email, role: "billing", organizationName: "Acme", organizationSlug: slug })
  expect(valueOf(await world.members.accept(guest, { token }))).toEqual({ slug })
  const member = await world.members.enter(guest, slug)
  expect(member).toMatchObject({ role: "billing" })
  expect(await database.systemClient.quota.findMany({ where: { organizationId: id } })).toMatchObject([{ scope: "member", scopeId: member!.membershipId, unit: "nanoUsd", window: "month", limit: 1_000_000_000n, inherited: false }])
  expect(await world.members.accept(guest, { token })).toMatchObject({ ok: false, error: { key: "auth.invitationInvalid" } })
  expect(await world.members.openInvitation(token)).toBeNull()
})

test("a new member without a budget of their own gets the organization's default", async () => {
  const { id, slug, members } = await world.organization("Acme", "owner")
  await database.systemClient.organization.update({ where: { id }, data: { memberBudgetNanoUsd: 5n, memberBudgetPeriod: "week" } })
  const guest = await world.person()
  valueOf(await world.members.accept(guest, { token: valueOf(await world.members.invite(members[0]!, { email: guest.email, role: "member" })).token }))
  const member = await world.members.enter(guest, slug)
  expect(await database.systemClient.quota.findMany({ where: { scopeId: member!.membershipId } })).toMatchObject([{ window: "week", limit: 5n, inherited: true }])
})

test("somebody who comes back gets the new role and budget, and none of their old keys", async () => {
  const { id, slug, members } = await world.organization("Acme", "owner")
  const guest = await world.person()
  const join = async (role: "member" | "viewer", period: "day" | "total") =>
    valueOf(await world.members.accept(guest, { token: valueOf(await world.members.invite(members[0]!, { email: guest.email, role, budget: { amount: nanoUsd(7n), period } })).token }))
  await join("member", "day")
  const before = (await world.members.enter(guest, slug))!
  await database.systemClient.apiKey.create({ data: { id: `key_${id}`, organizationId: id, membershipId: before.membershipId, name: "k", secretHash: id, prefix: "sk-tp-" } })
  valueOf(await world.members.remove(members[0]!, { membershipId: before.membershipId }))
  await join("viewer", "total")
  expect(await world.members.enter(guest, slug)).toMatchObject({ membershipId: before.membershipId, role: "viewer" })
  expect(await database.systemClient.apiKey.count({ where: { organizationId: id, revokedAt: null } })).toBe(0)
  expect(await database.systemClient.quota.findMany({ where: { organizationId: id, disabledAt: null } })).toMatchObject([{ window: "total" }])
})

test("an invitation is for one e-mail, for a week, until it is revoked or replaced", async () => {
  const { members } = await world.organization("Acme", "owner")
  const owner = members[0]!
  const [guest, finder] = [await world.person(), await world.person()]
  const invite = async () => valueOf(await world.members.invite(owner, { email: guest.email, role: "member" })).token
  const invalid = { ok: false, error: { key: "auth.invitationInvalid" } }

  const replaced = await invite()
  const token = await invite()
  expect(await world.members.accept(guest, { token: replaced })).toMatchObject(invalid)
  expect(await world.members.accept(finder, { token })).toMatchObject({ ok: false, error: { key: "members.otherEmail", params: { email: guest.email } } })

  const [invitation] = valueOf(await world.members.listInvitations(owner))
  valueOf(await world.members.revokeInvitation(owner, { invitationId: invitation!.id }))
  expect(await world.members.accept(guest, { token })).toMatchObject(invalid)

  const late = await invite()
  world.clock.advance(7 * 24 * 3600 + 1)
  expect(await world.members.accept(guest, { token: late })).toMatchObject(invalid)

  valueOf(await world.members.accept(guest, { token: await invite() }))
  expect(await world.members.invite(owner, { email: guest.email, role: "member" })).toMatchObject({ ok: false, error: { key: "members.alreadyMember", field: "email" } })
})

test("what a file manages is read-only here", async () => {
  const { id, members } = await world.organization("Acme", "owner", "member")
  await database.systemClient.membership.update({ where: { id: members[1]!.membershipId }, data: { managedBy: "turnpike.yaml" } })
  const managed = { ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } }
  expect(await world.members.remove(members[0]!, { membershipId: members[1]!.membershipId })).toMatchObject(managed)
  expect(await world.members.changeRole(members[0]!, { membershipId: members[1]!.membershipId, role: "viewer" })).toMatchObject(managed)
  expect(await world.members.leave(members[1]!)).toMatchObject(managed)
  expect(await database.systemClient.membership.count({ where: { organizationId: id, removedAt: null } })).toBe(2)
})

test("an organization sends a bounded number of invitations a day, withdrawn ones among them", async () => {
  const { members } = await world.organization("Acme", "owner")
  const [owner] = members
  const invite = async (email: string) => world.members.invite(owner!, { email, role: "viewer" })
  for (let sent = 0; sent < INVITATIONS_PER_DAY_MAX; sent++) valueOf(await invite("one@example.org"))
  expect(await invite("other@example.org")).toMatchObject({ ok: false, error: { key: "members.tooManyInvitations" } })
  const { members: others } = await world.organization("Other", "owner")
  expect((await world.members.invite(others[0]!, { email: "other@example.org", role: "viewer" })).ok).toBe(true)
  world.clock.advance(24 * 3600 + 1)
  expect((await invite("other@example.org")).ok).toBe(true)
})
