import { createTranslator } from "next-intl"
import type { Mail } from "#lib/adapters/mail.ts"
import type { AlertMessage } from "#lib/features/alerts/index.ts"
import { type Locale, locales } from "#lib/kernel/locales.ts"
import en from "#messages/en.json" with { type: "json" }
import zhCN from "#messages/zh-CN.json" with { type: "json" }

const messages = { en, "zh-CN": zhCN } as const satisfies Record<Locale, typeof en>

type MailKind = Exclude<keyof typeof en.email, "alert">
type Values = Readonly<Record<string, string>>

/**
 * A mail that asks to follow one link, in all our languages: who gets it may never have been here, so theirs is not known. `values`
 * fill the texts of `email.<kind>`; they are plain text and escaped in the HTML part.
 */
export function linkMail(kind: MailKind, to: string, link: string, values: Values): Mail {
  const parts = locales.map((locale) => {
    const t = createTranslator({ locale, messages: messages[locale], namespace: `email.${kind}` })
    return { locale, subject: t("subject", values), text: t("text", values), action: t("action"), ignore: t("ignore") }
  })
  return {
    to,
    subject: parts.map((part) => part.subject).join(" · "),
    text: parts.map((part) => `${part.text}\n\n${link}\n\n${part.ignore}\n`).join("\n— — —\n\n"),
    html: htmlOf(parts, link),
  }
}

/** A limit that is nearly or wholly used up, in all our languages, with a link to where it can be changed. */
export function alertMail(to: string, { organization, limit }: AlertMessage, origin: string): Mail {
  const link = `${origin}/o/${organization.slug}/budgets`
  const parts = locales.map((locale) => {
    const t = createTranslator({ locale, messages: messages[locale], namespace: "email.alert" })
    const values = { percent: String(limit.percent), what: t(`what.${limit.scope}`, { name: limit.name ?? "" }), organization: organization.name, used: limit.usedUsd, limit: limit.limitUsd }
    const reset = limit.resetsAt === null ? t("never") : t("resets", { moment: `${limit.resetsAt.slice(0, 16).replace("T", " ")} UTC` })
    return { locale, subject: t("subject", values), text: `${t("text", values)} ${limit.percent === 100 ? t("refused") : t("nearly")} ${reset}`, action: t("action"), ignore: t("why") }
  })
  return { to, subject: parts.map((part) => part.subject).join(" · "), text: parts.map((part) => `${part.text}\n\n${link}\n\n${part.ignore}\n`).join("\n— — —\n\n"), html: htmlOf(parts, link) }
}

type Part = { readonly locale: Locale; readonly text: string; readonly action: string; readonly ignore: string }

const BUTTON = "display:inline-block;padding:10px 18px;border-radius:8px;background:#0f5a46;color:#ffffff;text-decoration:none;font-weight:600"
const QUIET = "color:#5c6a65;font-size:13px"

function htmlOf(parts: readonly Part[], link: string): string {
  const sections = parts.map(
    ({ locale, text, action, ignore }) =>
      `<div lang="${locale}" style="padding:20px 0"><p>${escape(text)}</p><p><a href="${escape(link)}" style="${BUTTON}">${escape(action)}</a></p><p style="${QUIET}">${escape(ignore)}</p></div>`,
  )
  return `<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#17211d;max-width:520px;margin:0 auto;padding:16px">${sections.join('<hr style="border:0;border-top:1px solid #dde5e1">')}</body></html>`
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
