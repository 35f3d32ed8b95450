/** One thing of the file and what became of it. `changes`: what differed, in words, for people. */
export type Outcome = { readonly what: string; readonly state: "created" | "updated" | "unchanged"; readonly changes: readonly string[] }

export type MadeSecret = { readonly organization: string; readonly name: string; readonly secret: string }
export type MadeInvitation = { readonly organization: string; readonly email: string; readonly token: string }

/** What an application of a file did, or with a dry run would do. */
export type Report = {
  readonly outcomes: readonly Outcome[]
  /** Secrets made now: they are shown here and never again. */
  readonly secrets: readonly MadeSecret[]
  readonly invitations: readonly MadeInvitation[]
  /** What can only be done later, in words. */
  readonly waiting: readonly string[]
}

export type Reporter = {
  note(what: string, state: Outcome["state"], changes?: readonly string[]): void
  secret(made: MadeSecret): void
  invitation(made: MadeInvitation): void
  wait(text: string): void
  report(): Report
}

export function createReporter(): Reporter {
  const outcomes: Outcome[] = []
  const secrets: MadeSecret[] = []
  const invitations: MadeInvitation[] = []
  const waiting: string[] = []
  return {
    note: (what, state, changes = []) => void outcomes.push({ what, state, changes }),
    secret: (made) => void secrets.push(made),
    invitation: (made) => void invitations.push(made),
    wait: (text) => void waiting.push(text),
    report: () => ({ outcomes, secrets, invitations, waiting }),
  }
}

const of = (report: Report, state: Outcome["state"]) => report.outcomes.filter((outcome) => outcome.state === state)

/** The contract of `--json`, with the invitations' links beside it. */
export function reportAsJson(report: Report, invitationLink: (token: string) => string): string {
  return JSON.stringify(
    {
      created: of(report, "created").map(({ what }) => what),
      updated: of(report, "updated").map(({ what }) => what),
      unchanged: of(report, "unchanged").length,
      keys: report.secrets,
      invitations: report.invitations.map(({ organization, email, token }) => ({ organization, email, link: invitationLink(token) })),
      waiting: report.waiting,
    },
    null,
    2,
  )
}

const SIGNS = { created: "+", updated: "~" } as const

/** What people read: one line for each thing that was or would be made or changed, then secrets and links. */
export function reportAsText(report: Report, { file, dryRun, invitationLink }: { readonly file: string; readonly dryRun: boolean; readonly invitationLink: (token: string) => string }): readonly string[] {
  const [created, updated, unchanged] = [of(report, "created"), of(report, "updated"), of(report, "unchanged")]
  const lines = report.outcomes.flatMap(({ what, state, changes }) =>
    state === "unchanged" ? [] : [`${SIGNS[state]} ${what}${changes.length === 0 ? "" : `: ${changes.join(", ")}`}`],
  )
  for (const { organization, name, secret } of report.secrets) lines.push("", `Key “${name}” of ${organization}, shown once:`, `  ${secret}`)
  for (const { organization, email, token } of report.invitations) lines.push("", `Invitation of ${email} to ${organization}, good for a week:`, `  ${invitationLink(token)}`)
  for (const text of report.waiting) lines.push("", `Waiting: ${text}`)
  const counts = `${created.length} created, ${updated.length} updated, ${unchanged.length} unchanged`
  return [...lines, ...(lines.length === 0 ? [] : [""]), dryRun ? `${file}: dry run, nothing was changed (${counts})` : `${file}: ${counts}`]
}
