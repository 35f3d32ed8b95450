import { expect, test } from "vitest"
import { isGatewayPath, operationAt } from "./paths.ts"

test.each(["/api/v1", "/v1", "/v1beta", "/api/v1beta", "/api/p/cheap/v1"])("the door %s leads to every operation", (door) => {
  expect(isGatewayPath(`${door}/chat/completions?beta=true`)).toBe(true)
  expect(operationAt(`${door}/chat/completions`)).toEqual({ kind: "call", dialect: "cc", endpoint: "chat.completions" })
  expect(operationAt(`${door}/models/`)).toEqual({ kind: "models" })
  expect(operationAt(`${door}/models/openai%2Fgpt-5`)).toEqual({ kind: "model", name: "openai/gpt-5" })
  expect(operationAt(`${door}/models/openai/gpt-5`)).toEqual({ kind: "model", name: "openai/gpt-5" })
})

test.each(["/api", "/api/", "/api/p/cheap", "/api/v1", "/v1/", "/api/p/cheap/v1"])("W-118 %s is a root that clients ask whether anybody is there", (path) => {
  expect([isGatewayPath(path), isGatewayPath(`${path}?a=b`)]).toEqual([true, true])
  expect(operationAt(path)).toEqual({ kind: "root" })
})

test("W-118 messages and their token counts are found under every door", () => {
  for (const door of ["/api/v1", "/v1", "/api/p/cheap/v1"]) {
    expect(operationAt(`${door}/messages`)).toEqual({ kind: "call", dialect: "am", endpoint: "messages" })
    expect(operationAt(`${door}/messages/count_tokens`)).toEqual({ kind: "count", dialect: "am", endpoint: "messages.count_tokens" })
  }
})

test.each(["/", "/api/p", "/apiary", "/api/p/cheap/models", "/o/acme", "/api/health", "/api/manage/v1/keys", "/p/cheap/v1/models", "/v10/models", "/api/auth/session"])("the portal keeps %s", (path) => {
  expect(isGatewayPath(path)).toBe(false)
  expect(operationAt(path)).toBeNull()
})

test.each(["/v1/nothing", "/v1/constructor", "/v1/models/%E0%A4%A"])("%s is a gateway path without an operation", (path) => {
  expect(isGatewayPath(path)).toBe(true)
  expect(operationAt(path)).toBeNull()
})
