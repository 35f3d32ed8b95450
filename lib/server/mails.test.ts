import { expect, test } from "vitest"
import { linkMail } from "./mails.ts"

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
