import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"
import { ATTEMPTS_PER_ACCOUNT_MAX, ATTEMPTS_PER_ADDRESS_MAX } from "./attempts.ts"

let database: TestDatabase
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  world = createWorld(database)
})
afterAll(() => database.drop())

const password = "correct horse battery"

test("the right password signs in; a wrong one, a stranger, an account without one and a disabled one are refused alike", async () => {
  const person = await world.person({ password })
  const bare = await world.person()
  const disabled = await world.person({ password })
  await database.systemClient.user.update({ where: { id: disabled.userId }, data: { disabledAt: new Date() } })
  expect(valueOf(await world.signIn.withPassword({ email: person.email, password }, null))).toBe(person.userId)
  const refusals = await Promise.all([
    world.signIn.withPassword({ email: person.email, password: "wrong" }, null),
    world.signIn.withPassword({ email: "nobody@example.com", password }, null),
    world.signIn.withPassword({ email: bare.email, password }, null),
    world.signIn.withPassword({ email: disabled.email, password }, null),
  ])
  for (const refusal of refusals) expect(refusal).toEqual({ ok: false, error: { kind: "invalid", key: "auth.wrongPassword" } })
})

test("passwords are kept as argon2id PHC strings", async () => {
  const person = await world.person({ password })
  const { passwordHash } = await database.systemClient.user.findUniqueOrThrow({ where: { id: person.userId } })
  expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test("an account takes ten wrong passwords in a window and not one more, even when they come at once", async () => {
  const person = await world.person({ password })
  const attempts = Array.from({ length: ATTEMPTS_PER_ACCOUNT_MAX + 5 }, () => world.signIn.withPassword({ email: person.email, password: "wrong" }, null))
  const keys = (await Promise.all(attempts)).map((attempt) => (attempt.ok ? "ok" : attempt.error.key))
  expect(keys.filter((key) => key === "auth.wrongPassword")).toHaveLength(ATTEMPTS_PER_ACCOUNT_MAX)
  expect(await world.signIn.withPassword({ email: person.email, password }, null)).toMatchObject({ ok: false, error: { key: "auth.tooManyAttempts" } })
  world.clock.advance(15 * 60)
  expect(valueOf(await world.signIn.withPassword({ email: person.email, password }, null))).toBe(person.userId)
})

test("a browser that was left open is no place to try passwords either", async () => {
  const person = await world.person({ password })
  const change = (current: string) => world.people.changePassword(person, { current, password: "another long password" })
  for (let i = 0; i < ATTEMPTS_PER_ACCOUNT_MAX; i++) expect(await change("wrong")).toMatchObject({ ok: false, error: { key: "account.wrongPassword" } })
  expect(await change(password)).toMatchObject({ ok: false, error: { key: "auth.tooManyAttempts" } })
  world.clock.advance(15 * 60)
  valueOf(await change(password))
})

test("an address is limited over all accounts, and a right password is not counted against it", async () => {
  world.clock.advance(15 * 60)
  const address = "198.51.100.9"
  const person = await world.person({ password })
  for (let i = 0; i < ATTEMPTS_PER_ACCOUNT_MAX + 2; i++) valueOf(await world.signIn.withPassword({ email: person.email, password }, address))
  await Promise.all(Array.from({ length: ATTEMPTS_PER_ADDRESS_MAX }, (_, i) => world.signIn.countRequest(`guess${i}@example.com`, address)))
  expect(await world.signIn.withPassword({ email: person.email, password }, address)).toMatchObject({ ok: false, error: { key: "auth.tooManyAttempts" } })
  expect((await world.signIn.withPassword({ email: person.email, password }, "198.51.100.10")).ok).toBe(true)
})

test("whoever has a network of addresses has no more attempts than whoever has one", async () => {
  world.clock.advance(15 * 60)
  const person = await world.person({ password })
  await Promise.all(Array.from({ length: ATTEMPTS_PER_ADDRESS_MAX }, (_, i) => world.signIn.countRequest(`guess${i}@example.com`, `2001:db8:1:2::${i.toString(16)}`)))
  expect(await world.signIn.withPassword({ email: person.email, password }, "2001:db8:1:2:ffff::1")).toMatchObject({ ok: false, error: { key: "auth.tooManyAttempts" } })
  expect((await world.signIn.withPassword({ email: person.email, password }, "2001:db8:1:3::1")).ok).toBe(true)
})

test("attempts older than a day are forgotten", async () => {
  world.clock.advance(25 * 3600)
  await world.signIn.countRequest("fresh@example.com", null)
  expect(await database.systemClient.signInAttempt.findMany({ select: { subject: true } })).toEqual([{ subject: "email:fresh@example.com" }])
})

test("a session is found until it is revoked, expires, or its person is disabled", async () => {
  const person = await world.person()
  expect(await world.sessions.find(person.sessionId)).toEqual(person)
  for (const id of ["", "ses_unknown", "x'; --", person.userId]) expect(await world.sessions.find(id)).toBeNull()

  valueOf(await world.sessions.revoke(person, { sessionId: person.sessionId }))
  expect(await world.sessions.find(person.sessionId)).toBeNull()

  const late = await world.person()
  world.clock.advance(31 * 24 * 3600)
  expect(await world.sessions.find(late.sessionId)).toBeNull()

  const disabled = await world.person()
  await database.systemClient.user.update({ where: { id: disabled.userId }, data: { disabledAt: new Date() } })
  expect(await world.sessions.find(disabled.sessionId)).toBeNull()
})

test("sessions are listed and revoked one or all, by their own person only", async () => {
  const [ann, bob] = [await world.person(), await world.person()]
  const second = await world.sessions.start(ann.userId, { address: null, userAgent: "x".repeat(1000) })
  expect((await world.sessions.list(ann)).map(({ id, current }) => [id, current])).toEqual(expect.arrayContaining([[ann.sessionId, true], [second, false]]))
  expect(await world.sessions.revoke(bob, { sessionId: second })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await world.sessions.find(second)).not.toBeNull()
  expect(valueOf(await world.sessions.revokeOthers(ann))).toBe(1)
  expect(await world.sessions.find(second)).toBeNull()
  expect(await world.sessions.find(ann.sessionId)).not.toBeNull()
})

test("a new password ends all other sessions and needs the old one", async () => {
  const person = await world.person({ password })
  const other = await world.sessions.start(person.userId, { address: null, userAgent: null })
  expect(await world.people.changePassword(person, { current: "wrong", password: "another password" })).toMatchObject({ ok: false, error: { field: "current" } })
  expect(await world.sessions.find(other)).not.toBeNull()
  valueOf(await world.people.changePassword(person, { current: password, password: "another password" }))
  expect(await world.sessions.find(other)).toBeNull()
  expect(await world.sessions.find(person.sessionId)).not.toBeNull()
  expect((await world.signIn.withPassword({ email: person.email, password: "another password" }, null)).ok).toBe(true)
})
