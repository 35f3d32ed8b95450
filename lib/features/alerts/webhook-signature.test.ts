import { expect, test } from "vitest"
import { webhookHeaders, webhookSecret } from "./webhook-signature.ts"

test("a message is signed as the Standard Webhooks specification's own example is", () => {
  // https://github.com/standard-webhooks/standard-webhooks, the example of its libraries' documentation.
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  const headers = webhookHeaders(secret, { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", atMs: 1_614_265_330_000, body: '{"test": 2432232314}' })
  expect(headers).toEqual({ "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" })
})

test("a secret has the receivers' form", () => {
  expect(webhookSecret(new Uint8Array(24))).toBe(`whsec_${"A".repeat(32)}`)
})
