import { Monitor, Smartphone } from "lucide-react"
import { getFormatter, getNow, getTranslations } from "next-intl/server"
import { Badge } from "#components/ui/badge.tsx"
import { Card } from "#components/ui/card.tsx"
import type { SessionView } from "#lib/features/people/index.ts"
import { RevokeSession } from "./revoke-session.tsx"
import { describeUserAgent } from "./user-agent.ts"

const HANDHELD = new Set<string | null>(["iOS", "Android"])

/** The browsers that are signed in, the latest seen first. */
export async function SessionList({ sessions }: { readonly sessions: readonly SessionView[] }) {
  const [t, format, now] = await Promise.all([getTranslations("account.sessions"), getFormatter(), getNow()])
  return (
    <Card>
      <ul className="divide-y divide-border">
        {sessions.map((session) => {
          const { browser, system } = describeUserAgent(session.userAgent)
          const Icon = HANDHELD.has(system) ? Smartphone : Monitor
          const name = [browser, system].filter((part) => part !== null).join(" · ") || t("unknown")
          return (
            <li key={session.id} className="flex items-center gap-3 px-5 py-3.5">
              <Icon aria-hidden className="size-5 shrink-0 text-muted-foreground" />
              <div className="grid min-w-0 flex-1 gap-0.5">
                <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                  {name}
                  {session.current && <Badge tone="success">{t("current")}</Badge>}
                </p>
                <p className="truncate text-xs text-muted-foreground">
                  {session.address !== null && <span translate="no">{session.address} · </span>}
                  {t("seen", { ago: format.relativeTime(session.lastSeenAt, now) })}
                </p>
              </div>
              {!session.current && <RevokeSession sessionId={session.id} name={name} />}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
