import { resolve } from "node:path"
import { z } from "zod"

const text = z.string().trim().min(1)
const flag = z.enum(["0", "1", "true", "false"]).transform((value) => value === "1" || value === "true")

/**
 * Every setting of the program, its default and its meaning. `docs/operate.md` holds the same table; a test compares the two.
 * Empty strings count as absent, as in `VAR= npm start`.
 */
export const envShape = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe("Port of the HTTP listener"),
  HOST: text.default("127.0.0.1").describe("Address of the HTTP listener"),
  TURNPIKE_HOME: text.default("./.turnpike").describe("Folder of the database, the spool and the secret"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).optional().describe("A PostgreSQL server to use instead of the embedded one"),
  TURNPIKE_SECRET: z.string().min(32, "must have at least 32 characters").optional().describe("Root of all keys; made and kept in the home folder if absent"),
  TURNPIKE_SECRET_PREVIOUS: z.string().min(32).optional().describe("The secret before a rotation: still opens what it sealed"),
  TURNPIKE_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional().describe("Origin of every link and callback; default http://HOST:PORT"),
  TURNPIKE_TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0).describe("How many proxies in front may name the client's address in X-Forwarded-For"),
  TURNPIKE_CONFIG: text.optional().describe("A turnpike.yaml that is applied at every start"),
  TURNPIKE_SIGNUP: z.enum(["closed", "invitation", "open"]).default("invitation").describe("Who may sign up"),
  TURNPIKE_MOUNT: z.enum(["fast", "next"]).default("fast").describe("Which listener answers gateway paths"),
  TURNPIKE_BODY_LIMIT_MB: z.coerce.number().min(1).max(512).default(32).describe("Largest request body of the gateway, in MiB"),
  TURNPIKE_UPSTREAM_HEAD_SECONDS: z.coerce.number().int().min(1).max(3600).default(300).describe("How long a provider may take to begin its answer, in seconds"),
  TURNPIKE_UPSTREAM_IDLE_SECONDS: z.coerce.number().int().min(1).max(3600).default(120).describe("How long an answer may stall in the middle, in seconds"),
  TURNPIKE_ADMIN_EMAIL: z.email().optional().describe("First operator, made at start while none exists"),
  TURNPIKE_ADMIN_PASSWORD: z.string().min(10, "must have at least 10 characters").optional().describe("The first operator's password"),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must be an smtp:// or smtps:// URL" }).optional().describe("Mail server; enables sign-in by link"),
  SMTP_FROM: text.optional().describe("Sender of mails; default turnpike@ the host of TURNPIKE_URL"),
  GITHUB_ID: text.optional().describe("GitHub sign-in: client id"),
  GITHUB_SECRET: text.optional().describe("GitHub sign-in: client secret"),
  GOOGLE_ID: text.optional().describe("Google sign-in: client id"),
  GOOGLE_SECRET: text.optional().describe("Google sign-in: client secret"),
  OIDC_ISSUER: z.url().optional().describe("OpenID Connect sign-in: issuer"),
  OIDC_CLIENT_ID: text.optional().describe("OpenID Connect sign-in: client id"),
  OIDC_CLIENT_SECRET: text.optional().describe("OpenID Connect sign-in: client secret"),
  OIDC_NAME: text.optional().describe("OpenID Connect sign-in: what the button says"),
  TURNPIKE_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(200).default(10).describe("Connections per pool; the process opens two pools"),
  TURNPIKE_LOG: z.enum(["error", "warn", "info"]).default("info").describe("Least level of the log lines on standard error"),
  TURNPIKE_WEBHOOK_PRIVATE_NETWORK: flag.default(false).describe("Let organizations' webhooks reach private addresses"),
  TURNPIKE_OFFLINE: flag.optional().describe("Reserved for tests: refuse every upstream address but loopback"),
} as const

/** Optional things come in whole groups: half a group refuses to boot and names what is missing. */
const groups = [
  ["GITHUB_ID", "GITHUB_SECRET"],
  ["GOOGLE_ID", "GOOGLE_SECRET"],
  ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
  ["TURNPIKE_ADMIN_EMAIL", "TURNPIKE_ADMIN_PASSWORD"],
] as const

const schema = z.object(envShape)

export type Env = z.infer<typeof schema> & {
  /** Absolute path. */
  readonly home: string
}

/** Reads the settings; throws an `Error` with one line per bad variable, each naming the variable and the cure. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ""))
  const parsed = schema.safeParse(present)
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"))
  }
  for (const group of groups) {
    const missing = group.filter((name) => parsed.data[name] === undefined)
    if (missing.length > 0 && missing.length < group.length) {
      throw new Error(`${missing.join(", ")}: must be set together with ${group.filter((name) => !missing.includes(name)).join(", ")}`)
    }
  }
  return { ...parsed.data, home: resolve(parsed.data.TURNPIKE_HOME) }
}

/** React and Next choose their production or development code by this variable when they are loaded. */
export function setNodeEnvironment(mode: "production" | "development"): void {
  Object.assign(process.env, { NODE_ENV: mode, NEXT_TELEMETRY_DISABLED: "1" })
}

/** next-auth builds its callbacks from this variable alone; it is ours to set, so that no header can name another origin. */
export function setNextAuthUrl(origin: string): void {
  process.env.NEXTAUTH_URL = origin
}

/** The whole environment, for the `${NAME}`s of a turnpike.yaml: its author chooses those names. */
export const readVariables = (): Readonly<Record<string, string | undefined>> => process.env
