import type { Installation, RunningServer } from "#e2e/fixtures/installation.ts"
import { type BuiltAction, builtActions, type BuiltRoute, builtRoutes } from "#e2e/fixtures/built-routes.ts"
import { signInByHttp } from "#e2e/fixtures/sign-in.ts"
import { type Database, openDatabase } from "#lib/adapters/database.ts"
import { argon2Passwords } from "#lib/adapters/passwords.ts"
import { roles } from "#lib/kernel/actor.ts"
import { createWorld } from "../../test/people.ts"
import { expect, test } from "./fixtures.ts"

/**
 * Who gets where. The lists are the build's own, so that a new page, handler or action is walked without being written down here; one
 * that fits no rule fails the test until it has one.
 */
test.use({ fresh: "matrix" })

/** What a path is to people. `tenant`: members of its organization. `operator`: operators. `person`: whoever is signed in. */
type Audience = "tenant" | "operator" | "person" | "public" | "key"

const routeRules: readonly (readonly [RegExp, Audience])[] = [
  [/^\/o\/\[org\](\/|$)/, "tenant"],
  [/^\/operator(\/|$)/, "operator"],
  [/^\/(account|new-organization|enter)(\/|$)/, "person"],
  [/^\/(_not-found|_global-error|icon\.svg|sitemap\.xml|robots\.txt|manifest\.webmanifest)$/, "public"],
  // The gateway knows keys and no cookies (e2e/gateway).
  [/^\/api$/, "key"],
  [/^\/(api\/)?(v1|v1beta|p)(\/|$)/, "key"],
  [/^\/api\/(auth|health)(\/|$)/, "public"],
]

function audienceOf({ file, path }: BuiltRoute): Audience {
  if (/^\/\((auth|public)\)\//.test(file)) return "public"
  const rule = routeRules.find(([pattern]) => pattern.test(path))
  if (rule === undefined) throw new Error(`${file}: who may see it? Give it a rule in e2e/portal/matrix.spec.ts.`)
  return rule[1]
}

/** Actions that anybody may call: what they are sent (a token, a policy) decides. */
const publicActions = new Set(["setUp", "register", "signOut"])

function actionAudienceOf({ file, name }: BuiltAction): Audience {
  if (publicActions.has(name)) return "public"
  if (/^app\/o\/\[org\]\//.test(file) || name === "leaveOrganization") return "tenant"
  if (/^app\/operator\//.test(file)) return "operator"
  if (/^app\/(account|new-organization|\(auth\))\//.test(file)) return "person"
  throw new Error(`${file}, ${name}: who may call it? Give it a rule in e2e/portal/matrix.spec.ts.`)
}

/** A path with its blanks filled: a month with one that exists, so that only the organization can be what is missing. */
const fill = (path: string, slug: string): string => path.replace("[org]", slug).replace("[month]", new Date().toISOString().slice(0, 7)).replace(/\[+\.*\w+\]+/g, "something")

/** Of an organization that has one of everything. */
type Victim = Readonly<Record<"organizationId" | "membershipId" | "keyId" | "projectId" | "invitationId", string>>

type World = { readonly victim: Victim; readonly target: string; readonly missing: string; readonly owner: string; readonly own: string; readonly strangers: readonly { readonly name: string; readonly cookie: string }[] }

const PASSWORD = "correct horse battery"
/** Its slug is in lower case, so that a page that tells the name is told apart from one that repeats the path. */
const TARGET_NAME = "Zanzibar"

/** Stands in all of the victim's names. */
const VICTIM_NAME = "Madagascar"

async function settleVictim(database: Database, world: ReturnType<typeof createWorld>): Promise<Victim> {
  const { id: organizationId, members } = await world.organization(VICTIM_NAME, "owner", "member")
  const membershipId = members[1]!.membershipId
  const [keyId, projectId, invitationId] = ["key_victim", "proj_victim", "inv_victim"]
  const common = { organizationId, name: VICTIM_NAME }
  await database.systemClient.project.create({ data: { ...common, id: projectId } })
  await database.systemClient.apiKey.create({ data: { ...common, id: keyId, membershipId, projectId, secretHash: VICTIM_NAME, prefix: "sk-tp-abc" } })
  await database.systemClient.invitation.create({ data: { id: invitationId, organizationId, email: "guest@example.org", role: "member", tokenHash: VICTIM_NAME, expiresAt: new Date(Date.now() + 3600_000) } })
  return { organizationId, membershipId, keyId, projectId, invitationId }
}

/** An organization to be kept out of, and one person for each role of another. */
async function settle(installation: Installation, { origin }: RunningServer): Promise<World> {
  const database = openDatabase(installation.databaseUrl)
  try {
    const world = createWorld(database)
    const target = await world.organization(TARGET_NAME, "owner", "member")
    const other = await world.organization("other", ...roles)
    const victim = await settleVictim(database, world)
    const nobody = await world.person()
    await database.systemClient.user.updateMany({ data: { passwordHash: await argon2Passwords.hash(PASSWORD) } })
    const signIn = (person: { readonly email: string }) => signInByHttp(origin, person.email, PASSWORD)
    const strangers = [{ name: "a person without an organization", cookie: await signIn(nobody) }]
    for (const member of other.members) strangers.push({ name: `another organization's ${member.role}`, cookie: await signIn(member) })
    return { victim, target: target.slug, missing: `nowhere${target.slug}`.slice(0, target.slug.length), owner: await signIn(target.members[0]!), own: other.slug, strangers }
  } finally {
    await database.close()
  }
}

let world: World | undefined
test.beforeAll(async ({ installation, server }) => {
  world = await settle(installation, server)
})
const settled = (): World => {
  if (world === undefined) throw new Error("the world was not settled")
  return world
}

const routes = builtRoutes()
const pages = routes.filter(({ file }) => !/\/_(not-found|global-error)\/page$/.test(file))
const actions = builtActions()

test("every page, handler and action has an audience", () => {
  expect(pages.length).toBeGreaterThan(10)
  expect(actions.length).toBeGreaterThan(10)
  for (const route of pages) audienceOf(route)
  for (const action of actions) actionAudienceOf(action)
})

/** Asks for a page as a browser does. */
const get = (url: string, cookie: string) => fetch(url, { redirect: "manual", headers: { ...(cookie === "" ? {} : { cookie }), accept: "text/html" } })

/** Asks for a page as the portal's own router does, on a click. What it is told stands in the answer's body, whatever the status. */
async function click(url: string, cookie: string): Promise<string> {
  const response = await fetch(`${url}?_rsc`, { redirect: "manual", headers: { ...(cookie === "" ? {} : { cookie }), rsc: "1" } })
  return `${response.status} ${response.headers.get("location") ?? ""} ${await response.text()}`
}

/** Walks all pairs, a page's strangers at once. */
async function walk<A, B>(outer: readonly A[], inner: readonly B[], visit: (a: A, b: B) => Promise<void>): Promise<void> {
  for (const a of outer) await Promise.all(inner.map((b) => visit(a, b)))
}

test("signed out, every page and handler that is not public leads to sign-in", async ({ server }) => {
  const { target } = settled()
  const closed = pages.filter((route) => !["public", "key"].includes(audienceOf(route)))
  for (const route of closed) {
    const url = server.origin + fill(route.path, target)
    const response = await get(url, "")
    expect([303, 307], route.path).toContain(response.status)
    expect(new URL(response.headers.get("location") ?? "", url).pathname, route.path).toBe("/sign-in")
    expect(await click(url, ""), `${route.path} by a click`).toMatch(/\/sign-in\b/)
  }
})

/** What a page says, but for the nonce of its own policy and the slug that was asked for. */
const told = (page: string, slug: string): string => page.replaceAll(/(nonce(?:=|\\?":\s*)\\*")[\w+/=]+/g, "$1").replaceAll(slug, "slug")

test("to each role of another organization a tenant's pages are the same 404 as those of no organization", async ({ server }) => {
  const { target, missing, strangers } = settled()
  const closed = pages.filter((route) => audienceOf(route) === "tenant")
  await walk(closed, strangers, async ({ path, file }, { name, cookie }) => {
    const what = `${path} to ${name}`
    const [real, none] = [await get(server.origin + fill(path, target), cookie), await get(server.origin + fill(path, missing), cookie)]
    expect([real.status, none.status], what).toEqual([404, 404])
    expect(told(await real.text(), target), what).toBe(told(await none.text(), missing))
    const clicked = await click(server.origin + fill(path, target), cookie)
    // A handler is no page: a click asks it as anybody does.
    expect(clicked, `${what} by a click`).toContain(file.endsWith("/page") ? "NEXT_HTTP_ERROR_FALLBACK;404" : "404 ")
    expect(clicked, `${what} by a click`).not.toContain(TARGET_NAME)
  })
})

test("to everybody but operators the console is a 404", async ({ server }) => {
  const { owner, strangers } = settled()
  const closed = pages.filter((route) => audienceOf(route) === "operator")
  await walk(closed, [...strangers, { name: "an owner", cookie: owner }], async ({ path }, { name, cookie }) => {
    expect((await get(server.origin + fill(path, "x"), cookie)).status, `${path} to ${name}`).toBe(404)
  })
})

test("the owner does see the pages and files that the others do not", async ({ server }) => {
  const { target, owner } = settled()
  const plain = pages.filter((route) => audienceOf(route) === "tenant" && !/\[(?!(org|month)\])/.test(route.path))
  for (const { path } of plain) expect((await get(server.origin + fill(path, target), owner)).status, path).toBe(200)
})

type Call = { readonly action: BuiltAction; readonly page: string; readonly slug: string; readonly cookie: string; readonly origin?: string | null; readonly input?: object }

/** Every row of the database, or of one organization; sessions are touched by being used, and health and leases by time. */
async function stateOf(installation: Installation, organizationId?: string): Promise<Readonly<Record<string, string | null>>> {
  const moving = ["sign_in_session", "sign_in_attempt", "gateway_process", "lease", "change"]
  const tables = await installation.query<{ name: string }>(
    `SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = $1 AND c.table_name <> ALL($2) GROUP BY 1 ORDER BY 1`,
    [organizationId === undefined ? "id" : "organization_id", moving],
  )
  const state: Record<string, string | null> = {}
  for (const { name } of tables) {
    const [row] = await installation.query<{ rows: string | null }>(
      `SELECT string_agg(to_jsonb(r)::text, ',' ORDER BY to_jsonb(r)::text) AS rows FROM "${name}" r ${organizationId === undefined ? "" : "WHERE organization_id = $1"}`,
      organizationId === undefined ? [] : [organizationId],
    )
    state[name] = row?.rows ?? null
  }
  return state
}

/** Calls an action as the portal's own code does: its id, and the arguments as React encodes them. */
const call = (server: RunningServer, { action, page, slug, cookie, origin = server.origin, input = {} }: Call) =>
  fetch(server.origin + page, {
    method: "POST",
    redirect: "manual",
    headers: { ...(cookie === "" ? {} : { cookie }), "next-action": action.id, "content-type": "text/plain;charset=UTF-8", accept: "text/x-component", ...(origin === null ? {} : { origin }) },
    body: JSON.stringify(actionAudienceOf(action) === "tenant" ? [slug, null, input] : [null, input]),
  })

test("signed out, every action that is not public leads to sign-in", async ({ server }) => {
  const { target } = settled()
  for (const action of actions.filter((candidate) => actionAudienceOf(candidate) !== "public")) {
    const response = await call(server, { action, page: fill(action.page, target), slug: target, cookie: "" })
    expect(response.headers.get("x-action-redirect"), action.name).toMatch(/^\/sign-in/)
  }
})

test("no action of a tenant or of the operator works for a role of another organization, called on its own pages either", async ({ server, installation }) => {
  const { target, own, strangers } = settled()
  const state = () => stateOf(installation)
  const before = await state()
  const closed = actions.filter((action) => ["tenant", "operator"].includes(actionAudienceOf(action)))
  await walk(closed, strangers, async (action, { name, cookie }) => {
    for (const page of new Set([fill(action.page, target), fill(action.page, own)])) {
      const response = await call(server, { action, page, slug: target, cookie })
      expect(response.status, `${action.name} on ${page} by ${name}`).toBe(404)
    }
  })
  expect(await state()).toEqual(before)
})

/** Actions of a tenant that name something by its id: with somebody else's ids they find nothing. */
const actionsByIds = ["changeRole", "removeMember", "revokeInvitation", "renameProject", "setProjectArchived", "rotateKey", "updateKey", "revokeKey", "setBudget", "removeBudget"] as const

test("an owner who names another organization's members, keys, projects and invitations in actions of their own finds and changes nothing", async ({ server, installation }) => {
  const { target, owner, victim } = settled()
  const common = { ...victim, role: "viewer", name: "taken", archived: "true", overlapHours: 0, budget: { amount: "1", period: "total" } }
  const scopes = [["organization", victim.organizationId], ["project", victim.projectId], ["member", victim.membershipId], ["key", victim.keyId]] as const
  const before = await stateOf(installation, victim.organizationId)
  for (const action of actions.filter((candidate) => actionAudienceOf(candidate) === "tenant" && candidate.name !== "leaveOrganization")) {
    const byIds = (actionsByIds as readonly string[]).includes(action.name)
    for (const [scope, scopeId] of action.name.endsWith("Budget") ? scopes : ([["key", victim.keyId]] as const)) {
      const response = await call(server, { action, page: fill(action.page, target), slug: target, cookie: owner, input: { ...common, scope, scopeId } })
      if (byIds) expect(response.status, `${action.name} of ${scope}`).toBe(404)
      expect(await response.text(), action.name).not.toContain(VICTIM_NAME)
    }
  }
  expect(actions.filter(({ name }) => (actionsByIds as readonly string[]).includes(name))).toHaveLength(actionsByIds.length)
  expect(await stateOf(installation, victim.organizationId)).toEqual(before)
})

test("an action is taken from our own pages only, whatever else calls it in an owner's name", async ({ server, installation }) => {
  const { target, owner } = settled()
  const action = actions.find((candidate) => candidate.name === "createProject")!
  const projects = async () => (await installation.query<{ name: string }>("SELECT name FROM project WHERE name LIKE 'from %'")).map(({ name }) => name)
  const create = (name: string, origin?: string | null) => call(server, { action, page: fill(action.page, target), slug: target, cookie: owner, input: { name }, ...(origin === undefined ? {} : { origin }) })
  await create("from another site", "https://evil.example")
  await create("from another port", "http://127.0.0.1:1")
  await create("from nowhere", null)
  expect(await projects()).toEqual([])
  await create("from our own page")
  expect(await projects()).toEqual(["from our own page"])
})

test("next-auth tells a browser until when it is signed in, and nothing else", async ({ server }) => {
  const answer = await fetch(`${server.origin}/api/auth/session`, { headers: { cookie: settled().owner } })
  expect(Object.keys((await answer.json()) as object)).toEqual(["expires"])
})
