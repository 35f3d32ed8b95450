import type { Member } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { mayManageProjects, mayReadProjects } from "./policy.ts"
import type { ProjectRow, ProjectsRepository } from "./repository.ts"

export type ProjectsDependencies = { readonly repository: ProjectsRepository; readonly clock: Clock; readonly newId: NewId }

export type ProjectView = {
  readonly id: Id<"project">
  readonly name: string
  readonly archived: boolean
  readonly managedBy: string | null
  /** Keys that work, or have not expired yet. */
  readonly keys: number
}

const nameTaken: FeatureError = { kind: "conflict", key: "projects.nameTaken", field: "name" }

/** Groups of keys inside an organization. An archived project keeps its keys and its history, and takes no new keys. */
export function createProjectsService({ repository, clock, newId }: ProjectsDependencies) {
  async function findManageable(actor: Member, projectId: string): Promise<Result<ProjectRow, FeatureError>> {
    if (!mayManageProjects(actor) || !isId("project", projectId)) return err(notFound)
    const row = await repository.find(actor.organizationId, projectId)
    if (row === null) return err(notFound)
    return row.managedBy === null ? ok(row) : err({ kind: "managed", key: "managed", params: { file: row.managedBy } })
  }

  return {
    /** All projects, archived ones last. */
    async list(actor: Member): Promise<Result<readonly ProjectView[], FeatureError>> {
      if (!mayReadProjects(actor)) return err(notFound)
      const rows = await repository.list(actor.organizationId)
      return ok(rows.map(({ id, name, managedBy, archivedAt, keys }) => ({ id, name, archived: archivedAt !== null, managedBy, keys })))
    },

    async create(actor: Member, input: { readonly name: string }): Promise<Result<{ readonly id: Id<"project"> }, FeatureError>> {
      if (!mayManageProjects(actor)) return err(notFound)
      const id = newId("project")
      return (await repository.insert(actor.organizationId, { id, name: input.name, createdAt: new Date(clock.now()) })) ? ok({ id }) : err(nameTaken)
    },

    async rename(actor: Member, input: { readonly projectId: string; readonly name: string }): Promise<Result<null, FeatureError>> {
      const found = await findManageable(actor, input.projectId)
      if (!found.ok) return found
      return (await repository.update(actor.organizationId, found.value.id, { name: input.name })) ? ok(null) : err(nameTaken)
    },

    async setArchived(actor: Member, input: { readonly projectId: string; readonly archived: boolean }): Promise<Result<null, FeatureError>> {
      const found = await findManageable(actor, input.projectId)
      if (!found.ok) return found
      await repository.update(actor.organizationId, found.value.id, { archivedAt: input.archived ? new Date(clock.now()) : null })
      return ok(null)
    },
  }
}

export type ProjectsService = ReturnType<typeof createProjectsService>
