import { BookOpen } from "lucide-react"
import { useLocale, useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { exactUsd, readableUsd } from "#components/format/money.ts"
import { Time } from "#components/format/time.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { SegmentedLinks } from "#components/ui/segmented.tsx"
import type { PostingKind, PostingPage, PostingRow } from "#lib/features/wallet/index.ts"

const tones = { credit: "success", usage: "neutral", adjustment: "info", refund: "info", expiry: "warning" } as const satisfies Record<PostingKind, string>
const pots = ["paid", "promotional", "allowance", "unbilled"] as const

type PostingsTableProps = { readonly page: PostingPage; readonly href: string; readonly usage: boolean; readonly after: string | null; readonly timeZone: string }

/** What moved an organization's money, newest first: what it was, why and by whom, and what each pot gained or lost. */
export function PostingsTable({ page, href, usage, after, timeZone }: PostingsTableProps) {
  const t = useTranslations("organizations.money")
  const view = usage ? `${href}?usage=1` : href
  const nextHref = page.next === null ? null : `${view}${usage ? "&" : "?"}after=${page.next}`
  return (
    <DataTable<PostingRow>
      label={t("postings.title")}
      rows={page.rows}
      rowKey={(posting) => posting.id}
      empty={<EmptyState icon={BookOpen} title={t("postings.empty")} description={t("postings.emptyHint")} />}
      toolbar={
        <SegmentedLinks
          label={t("postings.view")}
          segments={[
            { label: t("postings.movements"), href, current: !usage },
            { label: t("postings.withUsage"), href: `${href}?usage=1`, current: usage },
          ]}
        />
      }
      firstHref={after === null ? null : view}
      nextHref={nextHref}
      columns={[
        { id: "at", header: t("postings.at"), wideOnly: true, cell: ({ at }) => <Time value={at} timeZone={timeZone} /> },
        { id: "what", header: t("postings.what"), className: "whitespace-normal", cell: (posting) => <What posting={posting} timeZone={timeZone} /> },
        { id: "by", header: t("postings.by"), wideOnly: true, cell: ({ authorEmail, managedBy }) => <span className="text-muted-foreground">{authorEmail ?? managedBy ?? "—"}</span> },
        { id: "effect", header: t("postings.effect"), align: "right", cell: (posting) => <Effect posting={posting} /> },
      ]}
    />
  )
}

/** On a small screen the moment and the author stand here too. */
function What({ posting: { kind, reason, requestId, at, authorEmail, managedBy }, timeZone }: { readonly posting: PostingRow; readonly timeZone: string }) {
  const t = useTranslations("organizations.money")
  const author = authorEmail ?? managedBy
  return (
    <div className="grid justify-items-start gap-1">
      <Badge tone={tones[kind]}>{t(`kinds.${kind}`)}</Badge>
      {reason !== null && <span className="text-sm break-words">{reason}</span>}
      {requestId !== null && <code className="text-xs break-all text-muted-foreground">{requestId}</code>}
      <span className="grid text-xs text-muted-foreground md:hidden">
        <Time value={at} timeZone={timeZone} />
        {author !== null && <span className="break-all">{author}</span>}
      </span>
    </div>
  )
}

function Effect({ posting }: { readonly posting: PostingRow }) {
  const t = useTranslations("organizations.money")
  const locale = useLocale()
  return (
    <div className="grid justify-items-end gap-0.5">
      {pots.map((pot) => {
        const amount = posting[`${pot}NanoUsd`]
        if (amount === 0n) return null
        return (
          <span key={pot} className="whitespace-nowrap">
            <data value={amount.toString()} title={exactUsd(amount, locale)} className="font-medium">
              {amount > 0n && "+"}
              {readableUsd(amount, locale)}
            </data>{" "}
            <span className="text-xs text-muted-foreground">{t(`pots.${pot}`)}</span>
          </span>
        )
      })}
    </div>
  )
}
