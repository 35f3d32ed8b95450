import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { expect, test } from "vitest"
import { clientAddressOf, inboundAddress, inboundPath, originForm, prepareInbound } from "./inbound.ts"

const rules = { origin: "https://ai.example.com", ownOrigins: new Set(["https://ai.example.com"]), trustedProxies: 0 }

function request(headers: Record<string, string>, url = "/"): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  Object.assign(message.headers, headers)
  message.url = url
  return message
}

const read = (message: IncomingMessage) => new Headers(message.headers as Record<string, string>)

test("a client that sits behind no proxy cannot name its own address", () => {
  expect(clientAddressOf("203.0.113.7", "10.0.0.1", 0)).toBe("203.0.113.7")
})

test("behind n proxies the address is the one that the outermost of them wrote", () => {
  expect(clientAddressOf("10.0.0.9", "forged, 203.0.113.7", 1)).toBe("203.0.113.7")
  expect(clientAddressOf("10.0.0.9", "forged, 203.0.113.7, 10.0.0.8", 2)).toBe("203.0.113.7")
  expect(clientAddressOf("10.0.0.9", undefined, 1)).toBe("10.0.0.9")
  expect(clientAddressOf("::ffff:127.0.0.1", undefined, 0)).toBe("127.0.0.1")
})

test("a forged Host, forwarded host or address header never reaches the pages", () => {
  const message = request({ host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-turnpike-address": "1.2.3.4", origin: "https://evil.example" })
  prepareInbound(message, rules)
  expect(message.headers.host).toBe("ai.example.com")
  expect(message.headers["x-forwarded-host"]).toBe("ai.example.com")
  expect(message.headers["x-forwarded-proto"]).toBe("https")
  expect(inboundAddress(read(message))).toBeNull()
})

test("an origin of ours becomes the host, so that the action check passes for it and for no other", () => {
  const message = request({ host: "whatever", origin: "http://localhost:3000" })
  prepareInbound(message, { ...rules, ownOrigins: new Set(["http://127.0.0.1:3000", "http://localhost:3000"]) })
  expect(message.headers.host).toBe("localhost:3000")
})

test("the path that was asked for is kept without the router's own parameter", () => {
  for (const [url, path] of [["/o/acme/keys?range=7d", "/o/acme/keys?range=7d"], ["/o/acme?_rsc=abc", "/o/acme"], ["/o/acme?_rsc", "/o/acme"], ["/o/acme?a_rsc=1", "/o/acme?a_rsc=1"], ["/o/acme?a=1&_rsc=abc", "/o/acme?a=1"], ["/o/acme?_rsc=abc&a=1", "/o/acme?a=1"]] as const) {
    const message = request({}, url)
    prepareInbound(message, rules)
    expect(inboundPath(read(message))).toBe(path)
  }
})

test.each([
  ["/models?x=%zz", "/models?x=%zz"],
  ["/", "/"],
  ["http://169.254.169.254/api/v1/models?a=1", "/api/v1/models?a=1"],
  ["HTTPS://evil.example", "/"],
  ["http://evil.example?a=1", "/?a=1"],
  ["*", null],
  ["foo", null],
  ["/o/%E0%A4%A", null],
  ["/o/%00/keys", null],
])("the target %s is ours as %s", (target, path) => {
  expect(originForm(target)).toBe(path)
})
