import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"
import { roles } from "#lib/kernel/actor.ts"
import { createOrganizationSchema } from "./schema.ts"
import { OWN_ORGANIZATIONS_MAX } from "./service.ts"

let database: TestDatabase
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  world = createWorld(database)
})
afterAll(() => database.drop())

const notFound = { ok: false, error: { kind: "notFound" } }
const input = { name: "Acme", timeZone: "Asia/Shanghai" }

test("a self-registered organization is a customer whose wallet begins at nothing", async () => {
  const person = await world.person()
  const { slug } = valueOf(await world.organizations.create(person, input))
  const member = await world.members.enter(person, slug)
  expect(member).toMatchObject({ role: "owner", organizationName: "Acme", timeZone: "Asia/Shanghai" })
  expect(await database.systemClient.organization.findUnique({ where: { slug } })).toMatchObject({ kind: "customer", hasWallet: true })
  expect(await database.systemClient.quota.findMany({ where: { organizationId: member!.organizationId } })).toMatchObject([{ scope: "wallet", scopeId: member!.organizationId, unit: "nanoUsd", window: "total", limit: 0n }])
})

test("organizations of one name get slugs of their own, also when made at once", async () => {
  const people = await Promise.all([1, 2, 3].map(() => world.person()))
  const slugs = (await Promise.all(people.map((person) => world.organizations.create(person, { ...input, name: "Same Name" })))).map((made) => valueOf(made).slug)
  expect(slugs.sort()).toEqual(["same-name", "same-name-2", "same-name-3"])
  expect(valueOf(await world.organizations.create(people[0]!, { ...input, name: "智谱" })).slug).toMatch(/^[a-z0-9]+$/)
})

test("where sign-up is not open, organizations are the operator's to make", async () => {
  const invitationOnly = createWorld(database, { TURNPIKE_SIGNUP: "invitation", SMTP_URL: undefined })
  expect(await invitationOnly.organizations.create(await world.person(), input)).toMatchObject(notFound)
  const { slug } = valueOf(await invitationOnly.organizations.create(await world.person({ isOperator: true }), input))
  expect(await database.systemClient.organization.findUnique({ where: { slug } })).toMatchObject({ kind: "internal", hasWallet: false })
})

test("one person cannot fill the installation with organizations", async () => {
  const person = await world.person()
  for (let i = 0; i < OWN_ORGANIZATIONS_MAX; i++) valueOf(await world.organizations.create(person, input))
  expect(await world.organizations.create(person, input)).toMatchObject({ ok: false, error: { key: "organization.tooMany" } })
})

test("owners and admins rename it and set its time zone; the slug stays", async () => {
  const { slug, members } = await world.organization("Before", ...roles)
  for (const member of members) {
    const outcome = await world.organizations.update(member, { name: `By ${member.role}`, timeZone: "Europe/Berlin", storesResponses: false })
    expect(outcome.ok, member.role).toBe(member.role === "owner" || member.role === "admin")
  }
  expect(valueOf(await world.organizations.settings(members[0]!))).toEqual({ name: "By admin", slug, timeZone: "Europe/Berlin", storesResponses: false, managedBy: null })
  expect(createOrganizationSchema.safeParse({ name: "x", timeZone: "Mars/Olympus" }).error?.issues[0]?.message).toBe("errors.organization.badTimeZone")
})

test("the switcher shows where a person belongs, and not what is disabled", async () => {
  const person = await world.person()
  const [first, second] = [valueOf(await world.organizations.create(person, { ...input, name: "B" })).slug, valueOf(await world.organizations.create(person, { ...input, name: "A" })).slug]
  expect(await world.organizations.listMine(person)).toEqual([{ slug: second, name: "A" }, { slug: first, name: "B" }])
  await database.systemClient.organization.update({ where: { slug: second }, data: { disabledAt: new Date() } })
  expect(await world.organizations.listMine(person)).toEqual([{ slug: first, name: "B" }])
})

test("the operator sees all organizations and decides their kind and whether they are served; nobody else does", async () => {
  const operator = await world.person({ isOperator: true })
  const { id, members } = await world.organization("Tenant", "owner", "member")
  for (const actor of [members[0]!, await world.person()]) {
    expect(await world.organizations.listAll(actor)).toMatchObject(notFound)
    expect(await world.organizations.setKind(actor, { organizationId: id, kind: "internal" })).toMatchObject(notFound)
    expect(await world.organizations.setDisabled(actor, { organizationId: id, disabled: true })).toMatchObject(notFound)
  }
  expect(valueOf(await world.organizations.listAll(operator)).find((row) => row.id === id)).toMatchObject({ name: "Tenant", members: 2, keys: 0, kind: "customer" })
  valueOf(await world.organizations.setKind(operator, { organizationId: id, kind: "internal" }))
  valueOf(await world.organizations.setDisabled(operator, { organizationId: id, disabled: true }))
  expect(await database.systemClient.organization.findUnique({ where: { id } })).toMatchObject({ kind: "internal", disabledAt: new Date(world.clock.now()) })
})

test("the operator finds organizations by a part of their name, their slug or a member's address", async () => {
  const operator = await world.person({ isOperator: true })
  const { id, members } = await world.organization("Needle 针 & Thread", "owner")
  const found = async (search: string) => valueOf(await world.organizations.listAll(operator, null, search)).map((row) => row.id)
  for (const search of ["needle 针", "针", members[0]!.organizationSlug, members[0]!.email.toUpperCase()]) expect(await found(search), search).toEqual([id])
  expect(await found("needle in a haystack")).toEqual([])
})

test("what a file manages is read-only here, for the operator too", async () => {
  const { id, members } = await world.organization("Managed", "owner")
  await database.systemClient.organization.update({ where: { id }, data: { managedBy: "turnpike.yaml" } })
  const managed = { ok: false, error: { kind: "managed" } }
  expect(await world.organizations.update(members[0]!, { ...input, storesResponses: true })).toMatchObject(managed)
  expect(await world.organizations.setKind(await world.person({ isOperator: true }), { organizationId: id, kind: "internal" })).toMatchObject(managed)
})

test("the operator's list says what each organization was charged lately, test calls aside, and what its wallet holds", async () => {
  const operator = await world.person({ isOperator: true })
  const { id } = await world.organization("Spender", "owner")
  const hoursAgo = (hours: number) => new Date(Math.floor(world.clock.now() / 3_600_000 - hours) * 3_600_000)
  const row = { organizationId: id, model: "m", membershipId: "", keyId: "", projectId: "", channelId: "chan_1", test: false }
  await database.system(async (transaction) => {
    await transaction.usageHourly.createMany({
      data: [
        { ...row, hour: hoursAgo(2), chargedNanoUsd: 5n },
        { ...row, hour: hoursAgo(3), chargedNanoUsd: 7n },
        { ...row, hour: hoursAgo(4), chargedNanoUsd: 100n, test: true },
        { ...row, hour: hoursAgo(31 * 24), chargedNanoUsd: 1_000n },
      ],
    })
  })
  const listed = async () => valueOf(await world.organizations.listAll(operator)).find((organization) => organization.id === id)
  expect(await listed()).toMatchObject({ spentNanoUsd: 12n })
  await database.system(async (transaction) => {
    await transaction.organization.update({ where: { id }, data: { hasWallet: true } })
    const where = { scope_scopeId_unit_window: { scope: "wallet", scopeId: id, unit: "nanoUsd", window: "total" } } as const
    const quota = await transaction.quota.upsert({ where, create: { id: "quota_spender", organizationId: id, scope: "wallet", scopeId: id, unit: "nanoUsd", window: "total", limit: 50n }, update: { limit: 50n } })
    await transaction.quotaWindow.create({ data: { quotaId: quota.id, windowStart: new Date(0), organizationId: id, used: 12n } })
  })
  expect(await listed()).toMatchObject({ walletNanoUsd: 38n })
  await database.system((transaction) => transaction.organization.update({ where: { id }, data: { hasWallet: false } }))
  expect(await listed()).toMatchObject({ walletNanoUsd: null })
})
