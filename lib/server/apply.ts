import { getRandomValues } from "node:crypto"
import { readFile } from "node:fs/promises"
import { basename } from "node:path"
import { createTranslator } from "next-intl"
import type { Database } from "#lib/adapters/database.ts"
import { linkTokens } from "#lib/adapters/link-tokens.ts"
import { argon2Passwords } from "#lib/adapters/passwords.ts"
import { createSealer } from "#lib/adapters/sealing.ts"
import { applyAtomically, type ApplyScope, createApplyService, type FileProblem, type Report, reportAsJson, reportAsText, writeProblem } from "#lib/features/apply/index.ts"
import { createChannelsRepository, createChannelsService } from "#lib/features/channels/index.ts"
import { createModelsRepository, createModelsService } from "#lib/features/models/index.ts"
import { createPlansRepository, createPlansService } from "#lib/features/plans/index.ts"
import { createSearchRepository, createSearchService } from "#lib/features/search/index.ts"
import { createFileGrants, createWalletRepository } from "#lib/features/wallet/index.ts"
import type { UpstreamPort } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Result } from "#lib/kernel/result.ts"
import messages from "#messages/en.json" with { type: "json" }
import type { Container } from "./container.ts"
import { readVariables } from "./env.ts"
import { Fault } from "./faults.ts"
import { hashers } from "./key-services.ts"
import { publicOrigin } from "./origin.ts"
import type { Secrets } from "./secrets.ts"

export type ApplyFileOptions = {
  readonly database: Database
  readonly secrets: Pick<Secrets, "peppers" | "sealingKeys">
  readonly clock: Clock
  readonly newId: NewId
  /** Where the portal is, for the links of invitations. */
  readonly origin: string
  /** Where the `${NAME}`s of the file are looked up. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** A path. What the file manages is marked with its last part. */
  readonly file: string
  readonly dryRun: boolean
  readonly json: boolean
  readonly out: (line: string) => void
}

/**
 * Applies a turnpike.yaml and prints what became of it. Throws a `Fault` that lists every problem with its line; nothing is applied
 * then.
 */
export async function applyFile(options: ApplyFileOptions): Promise<void> {
  const { origin, file, dryRun, json, out } = options
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Fault(error.code === "ENOENT" ? `There is no file ${file}.` : `${file} cannot be read: ${error.message}.`)
  })
  const applied = await applyText(options, text)
  if (!applied.ok) throw new Fault(["Nothing was applied.", ...applied.error.map((problem) => writeProblem(file, problem))].join("\n"))
  const invitationLink = (token: string) => `${origin}/invitation/${token}`
  if (json) out(reportAsJson(applied.value, invitationLink))
  else for (const line of reportAsText(applied.value, { file, dryRun, invitationLink })) out(line)
}

/** Applies the file that `TURNPIKE_CONFIG` names, if it does, at the start of a server. Returns what a person should read. */
export async function applyConfiguredFile({ env, ...container }: Pick<Container, "env" | "database" | "secrets" | "clock" | "newId">): Promise<readonly string[]> {
  if (env.TURNPIKE_CONFIG === undefined) return []
  const lines: string[] = []
  const out = (line: string) => void lines.push(line)
  await applyFile({ ...container, origin: publicOrigin(env), variables: readVariables(), file: env.TURNPIKE_CONFIG, dryRun: false, json: false, out })
  return lines
}

function applyText({ database, secrets, clock, newId, variables, file, dryRun }: ApplyFileOptions, text: string): Promise<Result<Report, readonly FileProblem[]>> {
  const translate = createTranslator({ locale: "en", messages, namespace: "errors" })
  const service = createApplyService({
    clock,
    newId,
    fillRandom: getRandomValues,
    secretHashes: hashers(secrets),
    passwords: argon2Passwords,
    tokens: linkTokens,
    describe: (key, params) => translate(key as never, params as never),
    inOneTransaction: (work) => applyAtomically(database, (inside, repository) => work({ ...servicesInside({ inside, secrets, clock, newId }), repository })),
  })
  return service.apply({ file: basename(file), text, environment: variables, dryRun })
}

type Inside = Pick<ApplyFileOptions, "secrets" | "clock" | "newId"> & { readonly inside: Database }

/** The features' own services, whose every query joins the one transaction. */
function servicesInside({ inside, secrets, clock, newId }: Inside): Omit<ApplyScope, "repository"> {
  const sealer = createSealer(secrets.sealingKeys, getRandomValues)
  const models = createModelsService({ repository: createModelsRepository(inside), clock, newId })
  return {
    channels: createChannelsService({ repository: createChannelsRepository(inside), sealer, upstream: noUpstream, clock, newId }),
    models,
    search: createSearchService({ repository: createSearchRepository(inside), sealer, clock }),
    plans: createPlansService({ repository: createPlansRepository(inside, newId), models, clock, newId }),
    wallet: createFileGrants({ repository: createWalletRepository(inside), clock, newId }),
  }
}

/** Applying a file calls nobody: whether a channel answers is seen when it is used, or tested in the console. */
const noUpstream: UpstreamPort = {
  call() {
    throw new Error("a file is applied without calling upstream")
  },
}
