import { afterEach, beforeEach, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"

let database: TestDatabase
let world: World
beforeEach(async () => {
  database = await createTestDatabase()
  world = createWorld(database, { TURNPIKE_SIGNUP: "closed", SMTP_URL: undefined })
})
afterEach(() => database.drop())

const first = { name: "Ann", email: "ann@example.com", password: "correct horse battery", organizationName: "Acme & Co." }

test("the set-up link makes the first operator, once, who takes the demo organization over", async () => {
  await database.systemClient.organization.create({ data: { id: "org_demo", slug: "demo", name: "Demo", kind: "internal", hasWallet: false } })
  const token = await world.setUp.createSetUpLink()
  expect(await world.setUp.isSetUpLink(token)).toBe(true)
  valueOf(await world.setUp.createFirstOperator({ ...first, token }))
  expect(await world.setUp.operatorExists()).toBe(true)
  expect(await world.setUp.isSetUpLink(token)).toBe(false)

  const userId = valueOf(await world.signIn.withPassword(first, null))
  const ann = await world.sessions.find(await world.sessions.start(userId, { address: null, userAgent: null }))
  expect(ann).toMatchObject({ isOperator: true, name: "Ann" })
  if (ann === null) return
  expect(await world.members.enter(ann, "acme-co")).toMatchObject({ role: "owner", organizationId: "org_demo", organizationName: "Acme & Co." })
  expect(await database.systemClient.organization.count()).toBe(1)

  expect(await world.setUp.createFirstOperator({ ...first, email: "eve@example.com", token })).toMatchObject({ ok: false, error: { key: "setup.done" } })
})

test("without a demo organization one is made; its slug makes room for others of that name", async () => {
  await database.systemClient.organization.create({ data: { id: "org_other", slug: "acme-co", name: "Acme", kind: "customer", hasWallet: true } })
  valueOf(await world.setUp.createFirstOperator({ ...first, token: await world.setUp.createSetUpLink() }))
  expect(await database.systemClient.organization.findMany({ where: { slug: "acme-co-2" }, select: { kind: true, hasWallet: true } })).toEqual([{ kind: "internal", hasWallet: false }])
})

test("the set-up links of two processes both work until one of them has made the operator", async () => {
  const [used, other] = [await world.setUp.createSetUpLink(), await world.setUp.createSetUpLink()]
  for (const token of [used, other]) expect(await world.setUp.isSetUpLink(token)).toBe(true)
  valueOf(await world.setUp.createFirstOperator({ ...first, token: used }))
  for (const token of [used, other]) expect(await world.setUp.isSetUpLink(token)).toBe(false)
  expect(await world.setUp.createFirstOperator({ ...first, email: "eve@example.com", token: other })).toMatchObject({ ok: false, error: { key: "setup.done" } })
})

test("a wrong or old link sets nothing up, and a new one clears the old ones away", async () => {
  const refused = { ok: false, error: { key: "setup.linkSpent" } }
  expect(await world.setUp.createFirstOperator({ ...first, token: "guess" })).toMatchObject(refused)
  const old = await world.setUp.createSetUpLink()
  world.clock.advance(24 * 3600 + 1)
  expect(await world.setUp.createFirstOperator({ ...first, token: old })).toMatchObject(refused)
  expect(await database.systemClient.user.count()).toBe(0)
  await world.setUp.createSetUpLink()
  expect(await database.systemClient.oneTimeLink.count()).toBe(1)
})

test("of two set-ups at once, one makes the operator", async () => {
  const token = await world.setUp.createSetUpLink()
  const outcomes = await Promise.all([world.setUp.createFirstOperator({ ...first, token }), world.setUp.createFirstOperatorFromEnvironment({ email: "Boot@Example.com", password: "correct horse battery" })])
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
  expect(await database.systemClient.user.count({ where: { isOperator: true } })).toBe(1)
})

test("the environment sets up while no operator exists, and never again", async () => {
  valueOf(await world.setUp.createFirstOperatorFromEnvironment({ email: "Boot@Example.com", password: "correct horse battery" }))
  expect(await world.setUp.createFirstOperatorFromEnvironment({ email: "boot@example.com", password: "another password" })).toMatchObject({ ok: false, error: { key: "setup.done" } })
  expect((await world.signIn.withPassword({ email: "boot@example.com", password: "correct horse battery" }, null)).ok).toBe(true)
})

test("a person that a file made before set-up becomes the operator under their own account", async () => {
  const ann = await world.person({ email: first.email })
  valueOf(await world.setUp.createFirstOperator({ ...first, token: await world.setUp.createSetUpLink() }))
  expect(await database.systemClient.user.findMany({ select: { id: true, isOperator: true } })).toEqual([{ id: ann.userId, isOperator: true }])
})

test("a sign-in link is for operators, works once and for fifteen minutes", async () => {
  const operator = await world.person({ isOperator: true })
  const person = await world.person()
  for (const email of [person.email, "nobody@example.com"]) expect(await world.setUp.createSignInLink(email)).toMatchObject({ ok: false, error: { key: "setup.noSuchOperator" } })

  const token = valueOf(await world.setUp.createSignInLink(operator.email))
  const uses = await Promise.all([world.signIn.withLink(token), world.signIn.withLink(token)])
  expect(uses.filter((use) => use.ok)).toEqual([{ ok: true, value: operator.userId }])

  const late = valueOf(await world.setUp.createSignInLink(operator.email))
  world.clock.advance(15 * 60 + 1)
  expect(await world.signIn.withLink(late)).toMatchObject({ ok: false, error: { key: "auth.linkSpent" } })
})
