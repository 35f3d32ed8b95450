import type { FeatureError } from "#lib/kernel/feature-error.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { type FileProblem, type Path, readDocument } from "./document.ts"
import { applyKeys } from "./keys.ts"
import { applyMembers } from "./members.ts"
import { applyOrganization, type Applying, applyProjects, programOf, refused } from "./organizations.ts"
import type { ApplyScope, ApplyTools } from "./ports.ts"
import { issuesOf } from "./problems.ts"
import { DryRunEnd, Refusal } from "./refusal.ts"
import { createReporter, type Report } from "./report.ts"
import { type ChannelOfFile, type FileInput, fileSchema } from "./schema.ts"

export type ApplyDependencies = ApplyTools & {
  /** Runs work with every service in one transaction; what is thrown inside undoes it. */
  readonly inOneTransaction: <T>(work: (scope: ApplyScope) => Promise<T>) => Promise<T>
  /** The English text of a message below `errors`. */
  readonly describe: (key: string, params?: FeatureError["params"]) => string
}

export type ApplyInput = {
  /** The file's own name: what it manages is marked with it. */
  readonly file: string
  readonly text: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Does everything and undoes it again, so that it says exactly what would happen. */
  readonly dryRun: boolean
}

/** Brings an installation to what a turnpike.yaml says, all or nothing; deletes nothing. */
export function createApplyService({ inOneTransaction, describe, ...tools }: ApplyDependencies) {
  return {
    async apply({ file, text, environment, dryRun }: ApplyInput): Promise<Result<Report, readonly FileProblem[]>> {
      const document = readDocument(text, environment)
      if (document.problems.length > 0) return err(document.problems)
      const problem = (path: Path, message: string): FileProblem => ({ path, position: document.locate(path), message })
      const parsed = fileSchema.safeParse(document.value)
      if (!parsed.success) return err(issuesOf(parsed.error, describe).map(({ path, message }) => problem(path, message)))

      let reporter = createReporter()
      try {
        await inOneTransaction(async (scope) => {
          // A transaction may be run again: what an earlier run reported is undone.
          reporter = createReporter()
          await applyAll({ ...tools, scope, reporter, file }, parsed.data)
          if (dryRun) throw new DryRunEnd()
        })
      } catch (error) {
        if (error instanceof Refusal) return err([problem(error.path, error.error === null ? error.message : describe(error.error.key, error.error.params))])
        if (!(error instanceof DryRunEnd)) throw error
      }
      const report = reporter.report()
      // What a dry run made is gone again: its secrets and links would open nothing.
      return ok(dryRun ? { ...report, secrets: [], invitations: [] } : report)
    },
  }
}

export type ApplyService = ReturnType<typeof createApplyService>

async function applyAll(applying: Applying, input: FileInput): Promise<void> {
  for (const [index, channel] of input.channels.entries()) await applyChannel(applying, channel, ["channels", index])
  for (const [index, model] of input.models.entries()) {
    const reconciled = await applying.scope.models.reconcile(programOf(applying), model)
    if (!reconciled.ok) throw refused(["models", index], reconciled.error)
    applying.reporter.note(`model ${model.name}`, reconciled.value)
  }
  if (input.search !== undefined) {
    const reconciled = await applying.scope.search.reconcile(programOf(applying), input.search)
    if (!reconciled.ok) throw refused(["search"], reconciled.error)
    applying.reporter.note("search", reconciled.value)
  }
  for (const [index, plan] of input.plans.entries()) {
    const reconciled = await applying.scope.plans.reconcile(programOf(applying), plan)
    if (!reconciled.ok) throw refused(["plans", index], reconciled.error)
    applying.reporter.note(`plan ${plan.name}`, reconciled.value)
  }
  for (const [index, organization] of input.organizations.entries()) {
    const place = await applyOrganization(applying, organization, ["organizations", index])
    const projects = await applyProjects(applying, place, organization.projects)
    await applyMembers(applying, place, organization.members)
    await applyKeys(applying, place, organization.keys, projects)
  }
}

async function applyChannel(applying: Applying, channel: ChannelOfFile, path: Path): Promise<void> {
  const { models, credentials, ceiling, ...rest } = channel
  const program = programOf(applying)
  const reconciled = await applying.scope.channels.reconcile(program, {
    ...rest,
    credentials: credentials.map(({ secret }) => secret),
    models: models.map(({ name, upstream }) => ({ name, upstream })),
  })
  if (!reconciled.ok) throw refused(path, reconciled.error)
  const { channelId, outcome } = reconciled.value
  const changes: string[] = []
  for (const [index, { secret, windows }] of credentials.entries()) {
    if (await applying.scope.channels.reconcileWindows(program, channelId, secret, windows)) changes.push(`windows of credential ${index + 1}`)
  }
  for (const { name, cost } of models) {
    if (cost === undefined) continue
    if (await applying.scope.models.reconcileChannelCost(program, { channelId, model: name }, cost)) changes.push(`cost of ${name}`)
  }
  if (await applying.scope.models.reconcileCeiling(program, channelId, ceiling)) changes.push("ceiling")
  applying.reporter.note(`channel ${channel.name}`, outcome === "unchanged" && changes.length > 0 ? "updated" : outcome, outcome === "created" ? [] : changes)
}

