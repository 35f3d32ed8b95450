import type { OpenLine } from "#lib/gateway/spool-lines.ts"

/** What does not change from call to call of one key to one target: the spool and the books name it once for many calls. */
export const sharedFields = [
  "organizationId",
  "projectId",
  "membershipId",
  "keyId",
  "test",
  "model",
  "upstreamModel",
  "channelId",
  "credentialId",
  "providerId",
  "dialect",
  "endpoint",
  "streamed",
  "costPriceId",
  "sellPriceId",
  "markupPpm",
  "plan",
] as const satisfies readonly (keyof OpenLine)[]

export type Shared = Pick<OpenLine, (typeof sharedFields)[number]>

export function isShared(fields: Shared, line: Shared): boolean {
  for (const name of sharedFields) if (fields[name] !== line[name]) return false
  return true
}
