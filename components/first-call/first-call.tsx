"use client"

import { useTranslations } from "next-intl"
import { CodeBlock } from "#components/ui/code-block.tsx"
import { Tab, TabPanel, Tabs, TabsList } from "#components/ui/tabs.tsx"
import { snippetKinds, snippets } from "./snippets.ts"

/** The first call in three languages and in Claude Code, each to be copied as it stands. `secret` only where a key was just made. */
export function FirstCall({ origin, model, secret }: { readonly origin: string; readonly model: string; readonly secret?: string }) {
  const t = useTranslations("connect")
  const code = snippets({ origin, model, prompt: t("prompt"), ...(secret !== undefined && { secret }) })
  return (
    <Tabs defaultValue="curl" className="gap-3">
      <TabsList aria-label={t("languages")}>
        {snippetKinds.map((kind) => (
          <Tab key={kind} value={kind}>
            {t(`kinds.${kind}`)}
          </Tab>
        ))}
      </TabsList>
      {snippetKinds.map((kind) => (
        <TabPanel key={kind} value={kind}>
          <CodeBlock code={code[kind]} label={t("codeIn", { language: t(`kinds.${kind}`) })} />
          {kind === "claudeCode" && <p className="mt-2 text-xs text-muted-foreground">{t("anthropicOnly")}</p>}
        </TabPanel>
      ))}
    </Tabs>
  )
}
