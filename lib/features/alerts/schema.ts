import { z } from "zod"

const URL_CHARACTERS_MAX = 2_000

/** Plain http is for receivers in one's own network. */
export const webhookInput = z.object({
  url: z
    .url({ protocol: /^https?$/, error: "errors.alerts.url" })
    .max(URL_CHARACTERS_MAX)
    .refine((url) => URL.canParse(url) && new URL(url).username === "" && new URL(url).password === "", { error: "errors.alerts.url" }),
})
export type WebhookInput = z.output<typeof webhookInput>

export const noInput = z.object({})
