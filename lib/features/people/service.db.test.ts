import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"

let database: TestDatabase
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  world = createWorld(database)
})
afterAll(() => database.drop())

const worldWith = (signUp: "closed" | "invitation" | "open", smtp?: string) => createWorld(database, { TURNPIKE_SIGNUP: signUp, SMTP_URL: smtp })
const account = { name: "Bob", password: "correct horse battery" }

test("who may sign up is the operator's choice", async () => {
  const { members } = await world.organization("Acme", "owner")
  const invite = async (email: string) => valueOf(await world.members.invite(members[0]!, { email, role: "member" })).token
  const register = (signUp: "closed" | "invitation" | "open", email: string, invitation?: string) => worldWith(signUp).people.register({ ...account, email, invitation })

  expect(await register("closed", "c1@example.com", await invite("c1@example.com"))).toMatchObject({ ok: false, error: { key: "auth.invitationInvalid" } })
  expect(await register("closed", "c2@example.com")).toMatchObject({ ok: false, error: { key: "auth.signUpClosed" } })
  expect(await register("invitation", "i1@example.com")).toMatchObject({ ok: false, error: { key: "auth.signUpClosed" } })
  expect(await register("invitation", "i2@example.com", await invite("somebody-else@example.com"))).toMatchObject({ ok: false, error: { key: "auth.invitationInvalid" } })
  expect(await register("invitation", "i3@example.com", await invite("i3@example.com"))).toMatchObject({ ok: true })
  expect(await register("open", "o1@example.com")).toMatchObject({ ok: true })
  expect(await register("open", "o1@example.com")).toMatchObject({ ok: false, error: { key: "auth.emailTaken", field: "email" } })
})

test("another provider's account is known by its own id and never by its e-mail", async () => {
  const ann = await world.person({ email: "ann@example.com" })
  const github = { provider: "github", providerAccountId: "42", type: "oauth" }
  const { providerSignIn } = worldWith("closed")
  const arrival = { account: github, email: ann.email, invitation: null, signedIn: false }

  expect(await providerSignIn.findByAccount("github", "42")).toBeNull()
  expect(await providerSignIn.mayEnter(arrival)).toBe("closed")
  // From a signed-in browser the account is linked, and from then on it signs in.
  expect(await providerSignIn.mayEnter({ ...arrival, signedIn: true })).toBe("yes")
  await providerSignIn.link(ann.userId, github)
  expect(await providerSignIn.mayEnter(arrival)).toBe("yes")
  expect(await providerSignIn.findByAccount("github", "42")).toMatchObject({ id: ann.userId })

  await database.systemClient.user.update({ where: { id: ann.userId }, data: { disabledAt: new Date() } })
  expect(await providerSignIn.mayEnter(arrival)).toBe("disabled")
})

test("the provider's tokens are not kept", async () => {
  const person = await world.person()
  await world.providerSignIn.link(person.userId, { provider: "google", providerAccountId: "7", type: "oauth", access_token: "secret" } as never)
  expect(await database.systemClient.account.findMany({ where: { userId: person.userId } })).toMatchObject([{ provider: "google", access_token: null, refresh_token: null, id_token: null }])
})

test("whoever proves an e-mail first takes the account from whoever merely claimed it", async () => {
  const email = "victim@example.com"
  const userId = valueOf(await world.people.register({ ...account, email }))
  const squatter = await world.sessions.start(userId, { address: null, userAgent: null })
  await world.providerSignIn.link(userId, { provider: "github", providerAccountId: "666", type: "oauth" })

  await world.providerSignIn.claimEmail(userId)
  expect(await world.sessions.find(squatter)).toBeNull()
  expect((await world.signIn.withPassword({ email, password: account.password }, null)).ok).toBe(false)
  expect(await world.providerSignIn.findByAccount("github", "666")).toBeNull()

  // The second proof is the owner's own: nothing ends.
  const own = await world.sessions.start(userId, { address: null, userAgent: null })
  await world.providerSignIn.claimEmail(userId)
  expect(await world.sessions.find(own)).not.toBeNull()
})

test("a mail's token works once and for its own address", async () => {
  const expires = new Date(world.clock.now() + 1000)
  await world.providerSignIn.keepMailToken("ann@example.com", "hash", expires)
  expect(await world.providerSignIn.takeMailToken("eve@example.com", "hash")).toBeNull()
  expect(await world.providerSignIn.takeMailToken("ann@example.com", "hash")).toMatchObject({ identifier: "ann@example.com", expires })
  expect(await world.providerSignIn.takeMailToken("ann@example.com", "hash")).toBeNull()
})

test("the last way to sign in cannot be taken away", async () => {
  const person = await world.person()
  await world.providerSignIn.link(person.userId, { provider: "github", providerAccountId: "1", type: "oauth" })
  expect(await world.people.unlink(person, { provider: "google" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await world.people.unlink(person, { provider: "github" })).toMatchObject({ ok: false, error: { key: "account.lastWayIn" } })
  valueOf(await worldWith("open", "smtp://mail").people.unlink(person, { provider: "github" }))
  expect(await world.people.profile(person)).toMatchObject({ linked: [], hasPassword: false })
})
