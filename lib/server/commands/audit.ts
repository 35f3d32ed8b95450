import { type AuditReport, auditBooks } from "#lib/adapters/audit.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { Command } from "../command.ts"
import { exitCodes, Fault } from "../faults.ts"
import { withInstallation } from "../installation.ts"

/** More lines than this are counted and not printed; `--json` has them all. */
const PRINTED_MAX = 50

/** `audit [--json]`: adds up everything again, while the server runs or not. Exit code 1 where something does not add up. */
export const audit: Command = async ({ env, steps, now, print }, words) => {
  const unknown = words.find((word) => word !== "--json")
  if (unknown !== undefined) throw new Fault(`“audit” does not know “${unknown}”: it takes --json alone.`, exitCodes.usage)
  const report = await withInstallation(env, steps, now, ({ database }) => auditBooks(database))
  if (words.includes("--json")) print(JSON.stringify(report, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2))
  else for (const line of reportLines(report)) print(line)
  return report.differences.length === 0 ? 0 : 1
}

/** The report for a person; amounts of differences stay in the books' own unit, nano-dollars or what the quota counts. */
export function reportLines({ differences, usageRecords, chargedNanoUsd, absorbedNanoUsd, organizations }: AuditReport): readonly string[] {
  const shown = differences.slice(0, PRINTED_MAX).map((one) => `${one.subject}: ${one.finding}; the books say ${one.recorded}, it comes to ${one.recomputed}`)
  return [
    ...organizations.map((one) => `${one.name}: credited $${formatUsd(one.credited)}, used $${formatUsd(one.used)}, held $${formatUsd(one.held)}, balance $${formatUsd(one.balance)}`),
    ...shown,
    ...(differences.length > PRINTED_MAX ? [`… and ${differences.length - PRINTED_MAX} more (--json lists them all)`] : []),
    `${usageRecords} usage records, $${formatUsd(chargedNanoUsd)} charged, $${formatUsd(absorbedNanoUsd)} absorbed: ${differences.length === 0 ? "everything adds up" : `${differences.length} differences`}`,
  ]
}
