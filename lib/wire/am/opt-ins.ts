import type { Call } from "../call.ts"
import type { ClientHeaders } from "../raw-lane.ts"
import { isRecord } from "../request-fields.ts"

/** Providers that take Anthropic's opt-in flags, known or not: Anthropic's own API, also behind another base URL. */
const PROVIDERS_WITH_OPT_INS: readonly string[] = ["anthropic"]
export const OPT_IN_HEADER = "anthropic-beta"

const everywhere = ["user-agent", "anthropic-version"] as const
const withOptIns = [...everywhere, OPT_IN_HEADER] as const

/** Of the client's headers those that this provider gets. `anthropic-beta` is an open list, toward Anthropic alone (W-120). */
export const amForwardedHeaders = (providerId: string): readonly string[] => (takesOptIns(providerId) ? withOptIns : everywhere)

/** Fields that exist only by an opt-in flag (W-120), so they go where the flag goes. */
const optInFields = ["context_management", "output_config", "speed"] as const
const optInToolFields = ["defer_loading", "input_examples"] as const
const NONE: readonly string[] = []

/** What of this call the provider does not take: the flags' header, top-level fields, and `tools[].name`. */
export function amUnsupportedFields({ fields }: Call, providerId: string, headers: ClientHeaders): readonly string[] {
  if (takesOptIns(providerId)) return NONE
  const tools = Array.isArray(fields["tools"]) ? (fields["tools"] as readonly unknown[]) : []
  return [
    ...(headers[OPT_IN_HEADER] === undefined ? NONE : [OPT_IN_HEADER]),
    ...optInFields.filter((name) => name in fields),
    ...optInToolFields.filter((name) => tools.some((tool) => isRecord(tool) && name in tool)).map((name) => `tools[].${name}`),
  ]
}

const takesOptIns = (providerId: string): boolean => PROVIDERS_WITH_OPT_INS.includes(providerId)
