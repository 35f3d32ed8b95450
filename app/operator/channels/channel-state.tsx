import { useTranslations } from "next-intl"
import { Status } from "#components/ui/badge.tsx"
import type { ChannelState } from "#lib/features/channels/index.ts"

const tones = { working: "success", untested: "neutral", failing: "danger", noCredential: "warning", disabled: "neutral" } as const satisfies Record<ChannelState, string>

export function ChannelStateLabel({ state }: { readonly state: ChannelState }) {
  const t = useTranslations("channels.state")
  return <Status tone={tones[state]}>{t(state)}</Status>
}
