import type { Call } from "../call.ts"
import type { CallTarget, ClientHeaders } from "../raw-lane.ts"
import { isRecord } from "../request-fields.ts"

/** Providers that take Anthropic's opt-in flags, known or not: Anthropic's own API, also behind another base URL. */
const PROVIDERS_WITH_OPT_INS: readonly string[] = ["anthropic"]
export const OPT_IN_HEADER = "anthropic-beta"

const everywhere = ["user-agent", "anthropic-version"] as const
const withOptIns = [...everywhere, OPT_IN_HEADER] as const

/** Of the client's headers those that this provider gets. `anthropic-beta` is an open list, toward Anthropic alone (W-120). */
export const amForwardedHeaders = (providerId: string): readonly string[] => (takesOptIns(providerId) ? withOptIns : everywhere)

/** Fields that exist only by an opt-in flag (W-120), so they go where the flag goes. */
const optInFields = ["context_management", "speed"] as const
const optInToolFields = ["defer_loading", "input_examples"] as const
const NONE: readonly string[] = []

/** What of this call the target does not take: the flags' header, top-level fields, `tools[].name` and `output_config.name`. */
export function amUnsupportedFields({ fields }: Call, target: CallTarget, headers: ClientHeaders): readonly string[] {
  if (takesOptIns(target.providerId)) return NONE
  const tools = Array.isArray(fields["tools"]) ? (fields["tools"] as readonly unknown[]) : []
  return [
    ...(headers[OPT_IN_HEADER] === undefined ? NONE : [OPT_IN_HEADER]),
    ...optInFields.filter((name) => name in fields),
    ...(OUTPUT_CONFIG in fields ? refusedOutput(fields[OUTPUT_CONFIG], target) : NONE),
    ...optInToolFields.filter((name) => tools.some((tool) => isRecord(tool) && name in tool)).map((name) => `tools[].${name}`),
  ]
}

const OUTPUT_CONFIG = "output_config"
/** Clouds that serve Anthropic's own models by its own API. */
const CLOUDS: readonly string[] = ["bedrock", "vertex"]

/**
 * What of `output_config` is refused. The clouds take its members without a flag, of models that have them (Bedrock user guide, structured outputs,
 * InvokeModel; Vertex AI, structured outputs with Claude; effort guide: every model from 4.6 on); it was by flag alone when others began to
 * speak this dialect.
 */
function refusedOutput(config: unknown, { providerId, traits }: CallTarget): readonly string[] {
  if (!CLOUDS.includes(providerId) || !isRecord(config)) return [OUTPUT_CONFIG]
  const taken = [...(traits.amOutputFormat === true ? ["format"] : NONE), ...(traits.amThinking === "both" || traits.amThinking === "adaptive" ? ["effort"] : NONE)]
  const names = Object.keys(config)
  const refused = names.filter((name) => !taken.includes(name))
  return refused.length === names.length ? [OUTPUT_CONFIG] : refused.map((name) => `${OUTPUT_CONFIG}.${name}`)
}

const takesOptIns = (providerId: string): boolean => PROVIDERS_WITH_OPT_INS.includes(providerId)
