import type { Database } from "#lib/adapters/database.ts"
import type { Id } from "#lib/kernel/ids.ts"

export type ProjectRow = {
  readonly id: Id<"project">
  readonly name: string
  readonly managedBy: string | null
  readonly archivedAt: Date | null
  readonly createdAt: Date
}

const columns = { id: true, name: true, managedBy: true, archivedAt: true, createdAt: true } as const

/** False where the organization has another project of that name. */
async function unlessTaken(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if ((error as { code?: string }).code === "P2002") return false
    throw error
  }
}

export function createProjectsRepository(database: Database) {
  return {
    async list(organizationId: Id<"organization">): Promise<readonly (ProjectRow & { readonly keys: number })[]> {
      const rows = await database.organization(organizationId, (transaction) =>
        transaction.project.findMany({
          where: { organizationId },
          select: { ...columns, _count: { select: { keys: { where: { revokedAt: null } } } } },
          orderBy: [{ archivedAt: { sort: "asc", nulls: "first" } }, { name: "asc" }],
        }),
      )
      return rows.map(({ _count, ...row }) => ({ ...(row as ProjectRow), keys: _count.keys }))
    },

    find: async (organizationId: Id<"organization">, projectId: Id<"project">): Promise<ProjectRow | null> =>
      database.organization(organizationId, (transaction) => transaction.project.findUnique({ where: { id: projectId, organizationId }, select: columns })) as Promise<ProjectRow | null>,

    insert: (organizationId: Id<"organization">, row: { readonly id: Id<"project">; readonly name: string; readonly createdAt: Date }): Promise<boolean> =>
      unlessTaken(database.organization(organizationId, (transaction) => transaction.project.create({ data: { ...row, organizationId } }))),

    update: (organizationId: Id<"organization">, projectId: Id<"project">, change: { readonly name?: string; readonly archivedAt?: Date | null }): Promise<boolean> =>
      unlessTaken(database.organization(organizationId, (transaction) => transaction.project.update({ where: { id: projectId, organizationId }, data: change }))),
  }
}

export type ProjectsRepository = ReturnType<typeof createProjectsRepository>
