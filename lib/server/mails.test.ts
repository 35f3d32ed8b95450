import { expect, test } from "vitest"
import { alertMail, linkMail } from "./mails.ts"

const mail = linkMail("invitation", "ann@example.com", "https://ai.example.com/invitation/abc?a=1&b=2", { organization: "<b>Acme</b>", inviter: "Bob" })

test("a mail speaks every language of ours", () => {
  expect(mail.subject).toBe("Bob invites you to <b>Acme</b> · Bob 邀请您加入 <b>Acme</b>")
  expect(mail.text.match(/https:\/\/ai\.example\.com\/invitation\/abc\?a=1&b=2/g)).toHaveLength(2)
  expect(mail.html).toContain('<div lang="en"')
  expect(mail.html).toContain('<div lang="zh-CN"')
})

test("what people named themselves cannot become markup in a mail", () => {
  expect(mail.html).not.toContain("<b>")
  expect(mail.html).toContain("&lt;b&gt;Acme&lt;/b&gt;")
  expect(mail.html).toContain('href="https://ai.example.com/invitation/abc?a=1&amp;b=2"')
})

test("an alert says in every language what is used up, of what, and when it begins anew", () => {
  const limit = { scope: "member", name: "bob <b>", period: "month", limitUsd: "5.00", usedUsd: "4.20", percent: 80, resetsAt: "2026-12-01T00:00:00.000Z" } as const
  const mail = alertMail("ann@example.com", { type: "limit.reached", id: "alert_1", createdAt: "2026-11-25T12:00:00.000Z", organization: { id: "org_1", slug: "acme", name: "Acme" }, limit }, "https://gate.example")
  expect(mail.subject).toContain("80 % of the budget of bob <b> used")
  expect(mail.text).toContain("80 % of the budget of bob <b> at Acme is used: $4.20 of $5.00. Calls go on until it is used up. It begins anew on 2026-12-01 00:00 UTC.")
  expect(mail.text).toContain("Acme 的bob <b> 的预算已用 80 %")
  expect(mail.text).toContain("https://gate.example/o/acme/budgets")
  expect(mail.html).toContain("bob &lt;b&gt;")
  expect(mail.html).not.toContain("bob <b>")
})
