import { createTransport } from "nodemailer"

const CONNECT_MS_MAX = 10_000
const SEND_MS_MAX = 30_000

export type Mail = { readonly to: string; readonly subject: string; readonly text: string; readonly html: string }

export type Mailer = {
  /** Hands one mail to the mail server; rejects where it does not take it. */
  send(mail: Mail): Promise<void>
}

/** Mail by the server of an `smtp://` or `smtps://` URL, user and password in it. */
export function createMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport({ url: smtpUrl, connectionTimeout: CONNECT_MS_MAX, greetingTimeout: CONNECT_MS_MAX, socketTimeout: SEND_MS_MAX })
  return {
    async send(mail) {
      await transport.sendMail({ from, ...mail })
    },
  }
}
