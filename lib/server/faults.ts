import { DamagedBackup } from "#lib/adapters/backup-file.ts"
import { SchemaMismatch } from "#lib/adapters/migrations.ts"

/** What the process ends with. docs/operate.md says the same in words. */
export const exitCodes = {
  failed: 1,
  /** A wrong command line, a bad setting, a port that is taken: nothing was begun, and the caller has to change something. */
  usage: 2,
  alreadyRunning: 3,
  /** A second signal cut the drain short. */
  interrupted: 130,
} as const

/** A failure that is explained in one sentence with its cure. It is printed without a stack. */
export class Fault extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number = exitCodes.failed, cause?: unknown) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}

/** Where a failure happened, for words that name the right variable. */
export type FaultContext = { readonly home: string; readonly databaseUrl?: string }

type CodedError = Error & { readonly code?: string; readonly path?: string; readonly errors?: readonly CodedError[] }

/** What a sentence may name. */
type Words = { readonly home: string; readonly place: string; readonly database: string }

const diskFull = ({ place }: Words) => `The disk is full (${place}): free some space, then start again; what was written before is safe.`
const notWritable = ({ home, place }: Words) => `The home folder ${home} cannot be written (${place}): give this user the right to, or set TURNPIKE_HOME to another folder.`
const noAnswer = ({ database }: Words) => `The database does not answer at ${database}: start it, or correct the host and port.`
const unknownHost = ({ database }: Words) => `The host of ${database} is unknown: correct it.`
const refused = ({ database }: Words) => `The database refuses the user or password of ${database}: correct them.`

/** By the code of the operating system or of Postgres (https://www.postgresql.org/docs/18/errcodes-appendix.html). */
const sentences: Readonly<Record<string, (words: Words) => string>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  "53100": diskFull,
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  ENOTDIR: notWritable,
  ECONNREFUSED: noAnswer,
  ECONNRESET: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ETIMEDOUT: noAnswer,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  "28P01": refused,
  "28000": refused,
  "3D000": ({ database }) => `The database named in ${database} does not exist: create it, or correct the name.`,
  "42501": ({ database }) => `The role of ${database} may not create tables there: make it the owner of the database.`,
  "57P01": ({ database }) => `The database stops at this moment (${database}): try again when it runs.`,
  "57P03": ({ database }) => `The database starts or stops at this moment (${database}): try again in a few seconds.`,
  "53300": ({ database }) => `The database has no connection left for ${database}: raise its max_connections, or lower TURNPIKE_DATABASE_CONNECTIONS.`,
}

/** pg's own words for a server that does not answer in time; it gives them no code. */
const CONNECT_TIMEOUT = /timeout exceeded when trying to connect|timeout expired|Connection terminated/

/** Puts what the operating system and Postgres say into words. Unknown errors stay as they are: those are bugs and need their stack. */
export function explain(error: unknown, { home, databaseUrl }: FaultContext): unknown {
  if (error instanceof Fault) return error
  if (error instanceof SchemaMismatch || error instanceof DamagedBackup) return new Fault(error.message, exitCodes.failed, error)
  if (!(error instanceof Error)) return error
  const database = databaseUrl === undefined ? "the embedded PostgreSQL" : `DATABASE_URL (${withoutPassword(databaseUrl)})`
  for (const link of causes(error)) {
    const sentence = sentences[link.code ?? ""] ?? (CONNECT_TIMEOUT.test(link.message) ? noAnswer : undefined)
    if (sentence === undefined) continue
    return new Fault(sentence({ home, place: link.path ?? home, database }), exitCodes.failed, error)
  }
  return error
}

function* causes(error: CodedError): Generator<CodedError> {
  yield error
  for (const inner of error.errors ?? []) yield inner
  if (error.cause instanceof Error) yield* causes(error.cause)
}

/** A connection string fit for a log. */
export function withoutPassword(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return "not a URL"
  if (parsed.password !== "") parsed.password = "***"
  return parsed.href
}

/** Prints what ended the program, and says with which code to leave. */
export function reportFault(error: unknown, print: (line: string) => void): number {
  if (error instanceof Fault) {
    print(`turnpike: ${error.message}`)
    return error.exitCode
  }
  print(`turnpike: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitCodes.failed
}
