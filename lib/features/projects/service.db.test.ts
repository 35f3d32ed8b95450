import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { createWorld, valueOf, type World } from "../../../test/people.ts"
import { roles } from "#lib/kernel/actor.ts"

let database: TestDatabase
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  world = createWorld(database)
})
afterAll(() => database.drop())

test("owners and admins make, rename and archive projects; everybody in the organization sees them", async () => {
  const { members } = await world.organization("Acme", ...roles)
  for (const member of members) {
    const made = await world.projects.create(member, { name: `of ${member.role}` })
    expect(made.ok, member.role).toBe(member.role === "owner" || member.role === "admin")
  }
  const [owner, , , , viewer] = members
  const [ofAdmin, ofOwner] = valueOf(await world.projects.list(viewer!))
  valueOf(await world.projects.rename(owner!, { projectId: ofOwner!.id, name: "web" }))
  valueOf(await world.projects.setArchived(owner!, { projectId: ofAdmin!.id, archived: true }))
  expect(valueOf(await world.projects.list(viewer!)).map(({ name, archived }) => [name, archived])).toEqual([["web", false], ["of admin", true]])
  expect(await world.projects.rename(viewer!, { projectId: ofOwner!.id, name: "mine" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("a name is free once per organization", async () => {
  const [ours, theirs] = [await world.organization("Ours", "owner"), await world.organization("Theirs", "owner")]
  valueOf(await world.projects.create(ours.members[0]!, { name: "web" }))
  const { id } = valueOf(await world.projects.create(ours.members[0]!, { name: "app" }))
  valueOf(await world.projects.create(theirs.members[0]!, { name: "web" }))
  const taken = { ok: false, error: { key: "projects.nameTaken", field: "name" } }
  expect(await world.projects.create(ours.members[0]!, { name: "web" })).toMatchObject(taken)
  expect(await world.projects.rename(ours.members[0]!, { projectId: id, name: "web" })).toMatchObject(taken)
})

test("another organization's project is not found, and what a file manages is read-only", async () => {
  const [ours, theirs] = [await world.organization("Ours", "owner"), await world.organization("Theirs", "owner")]
  const { id } = valueOf(await world.projects.create(theirs.members[0]!, { name: "secret" }))
  expect(await world.projects.rename(ours.members[0]!, { projectId: id, name: "mine" })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  expect(await world.projects.setArchived(ours.members[0]!, { projectId: id, archived: true })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  await database.systemClient.project.update({ where: { id }, data: { managedBy: "turnpike.yaml" } })
  expect(await world.projects.rename(theirs.members[0]!, { projectId: id, name: "x" })).toMatchObject({ ok: false, error: { kind: "managed" } })
})
