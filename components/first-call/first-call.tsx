"use client"

import { useTranslations } from "next-intl"
import { Code, CodeBlock } from "#components/ui/code-block.tsx"
import { PillTab, PillTabsList, TabPanel, Tabs } from "#components/ui/tabs.tsx"
import { type ClientId, clientIds, clients } from "./clients.ts"

const kinds = ["program", "agent"] as const

/** How every client is pointed here, each snippet to be copied as it stands. `secret` only where a key was just made. */
export function FirstCall({ origin, model, secret }: { readonly origin: string; readonly model: string; readonly secret?: string }) {
  const t = useTranslations("connect")
  const place = { origin, model, prompt: t("prompt"), ...(secret !== undefined && { secret }) }
  return (
    <Tabs defaultValue={"curl" satisfies ClientId} className="gap-3">
      <PillTabsList aria-label={t("clients")}>
        {kinds.map((kind) => (
          <div key={kind} role="presentation" className="flex flex-wrap gap-1">
            {clientIds
              .filter((id) => clients[id].kind === kind)
              .map((id) => (
                <PillTab key={id} value={id}>
                  {clients[id].name}
                </PillTab>
              ))}
          </div>
        ))}
      </PillTabsList>
      {clientIds.map((id) => (
        <TabPanel key={id} value={id} className="grid grid-cols-[minmax(0,1fr)] gap-3">
          {clients[id].snippets(place).map(({ code, file, install }) => (
            <CodeBlock key={file ?? ""} code={code} label={file ?? t("example", { client: clients[id].name })} header={file ?? install} />
          ))}
          {secret === undefined && <p className="text-xs text-muted-foreground">{t.rich("keyFrom", { code: (text) => <Code>{text}</Code> })}</p>}
        </TabPanel>
      ))}
    </Tabs>
  )
}
