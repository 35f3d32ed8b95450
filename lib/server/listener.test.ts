import { once } from "node:events"
import { request as call, type IncomingMessage } from "node:http"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Fault } from "./faults.ts"
import { createHealth, type Health } from "./health.ts"
import { listen, type Listener } from "./listener.ts"

const rules = { origin: "http://127.0.0.1:1", ownOrigins: new Set<string>(), trustedProxies: 0 }

let health: Health
let listener: Listener
/** Ends the streams that the fake gateway has begun. */
let endStreams: (() => void)[]

beforeEach(async () => {
  health = createHealth()
  listener = await listen("127.0.0.1", 0, health)
  endStreams = []
})
afterEach(() => listener.close())

function open(): void {
  listener.mount(
    {
      gateway: {
        handleNodeRequest(request, response) {
          if (!request.url?.startsWith("/api/v1")) return false
          response.writeHead(200, { "content-type": "text/event-stream" })
          response.write("data: 1\n\n")
          endStreams.push(() => response.end("data: 2\n\n"))
          return true
        },
      },
      pages: async (request, response) => void response.end(`page for ${request.headers.host}`),
      upgrade: null,
    },
    rules,
  )
  health.open()
}

const url = (path: string) => `http://127.0.0.1:${listener.port}${path}`

test("the health answers from the first moment: 503 while starting, 200 when open, 503 while draining", async () => {
  health.set("pages", "starting")
  const states: unknown[] = []
  const ask = async () => {
    const response = await fetch(url("/api/health?verbose"))
    states.push([response.status, ((await response.json()) as { status: string }).status])
  }
  await ask()
  open()
  await ask()
  health.drain()
  await ask()
  expect(states).toEqual([
    [503, "starting"],
    [200, "ready"],
    [503, "draining"],
  ])
})

test("a vital part that fails makes the process unready; one that is not vital shows and does not", async () => {
  open()
  let books: "ready" | "failed" = "ready"
  health.probe("books", true, () => books)
  health.probe("database", false, () => "failed")
  expect(health.report()).toEqual({ status: "ready", parts: { books: "ready", database: "failed" } })
  books = "failed"
  expect((await fetch(url("/api/health"))).status).toBe(503)
})

test("before it is open every call is refused in a form that clients try again", async () => {
  const answer = await fetch(url("/api/v1/chat/completions"), { method: "POST", body: "{}" })
  expect(answer.status).toBe(503)
  expect(answer.headers.get("retry-after")).toBe("2")
  expect(await answer.json()).toMatchObject({ error: { type: "server_error", code: "unavailable" } })
  expect(await (await fetch(url("/"), { headers: { accept: "text/html" } })).text()).toBe("Turnpike is starting; try again in a moment.")
})

test("gateway paths go to the gateway, everything else to the pages, with a Host that is ours", async () => {
  open()
  expect(await (await fetch(url("/pricing"))).text()).toBe("page for 127.0.0.1:1")
  const stream = await beginStream()
  endStreams[0]?.()
  expect(await rest(stream)).toContain("data: 2")
})

test("a target with an origin before it goes where its path goes, and one that is no path is 400", async () => {
  open()
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      call({ port: listener.port, host: "127.0.0.1", path }, (response) => void rest(response).then((text) => resolve(`${response.statusCode} ${text}`), reject)).on("error", reject).end()
      setTimeout(() => endStreams.pop()?.(), 50)
    })
  expect(await ask("http://169.254.169.254/pricing")).toBe("200 page for 127.0.0.1:1")
  expect(await ask("http://169.254.169.254/api/v1/models")).toBe("200 data: 1\n\ndata: 2\n\n")
  for (const path of ["*", "/o/%E0%A4%A", "/o/%00/keys"]) expect(await ask(path)).toBe("400 ")
})

test("every page has a policy of its own, whose nonce its request carries and no client can choose", async () => {
  const seen: (string | undefined)[] = []
  listener.mount({ gateway: null, pages: async (request, response) => (seen.push(String(request.headers["content-security-policy"])), void response.end()), upgrade: null }, rules)
  health.open()
  const policies: (string | null)[] = []
  for (const path of ["/", "/models"]) policies.push((await fetch(url(path), { headers: { "content-security-policy": "script-src 'nonce-mine'" } })).headers.get("content-security-policy"))
  expect(policies).toEqual(seen)
  expect(new Set(policies).size).toBe(2)
  expect(policies.join()).not.toContain("mine")
})

test("a drain lets a running stream end, refuses new calls meanwhile, and reports nobody left", async () => {
  open()
  const stream = await beginStream()
  health.drain()
  const drained = listener.drain(5_000)
  expect((await fetch(url("/api/v1/models"))).status).toBe(503)
  endStreams[0]?.()
  expect(await rest(stream)).toContain("data: 2")
  expect(await drained).toBe(0)
})

test("a drain gives up after its time and says how many answers are left", async () => {
  open()
  const stream = await beginStream()
  health.drain()
  const startedMs = performance.now()
  expect(await listener.drain(200)).toBe(1)
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  const broken = rest(stream)
  await listener.close()
  await expect(broken).rejects.toThrow()
})

test("a client that leaves is not waited for", async () => {
  open()
  const stream = await beginStream()
  stream.destroy()
  health.drain()
  expect(await listener.drain(5_000)).toBe(0)
})

test("an offer of another protocol is passed over, and the call is answered as it stands", async () => {
  open()
  const request = call(url("/pricing"), { headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA" } })
  request.end()
  const [response] = (await once(request, "response")) as [IncomingMessage]
  expect([response.statusCode, await rest(response)]).toEqual([200, "page for 127.0.0.1:1"])
})

test.each([
  ["a taken port", () => listen("127.0.0.1", listener.port, createHealth()), /set PORT/],
  ["an address of another machine", () => listen("192.0.2.1", 0, createHealth()), /correct HOST/],
])("%s is a fault with exit code 2 that names the variable", async (_what, attempt, sentence) => {
  const fault: unknown = await attempt().catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(Fault)
  expect(fault).toMatchObject({ exitCode: 2, message: expect.stringMatching(sentence) as string })
})

async function beginStream(): Promise<IncomingMessage> {
  const request = call(url("/api/v1/chat/completions"))
  request.end()
  const [response] = (await once(request, "response")) as [IncomingMessage]
  response.on("error", () => {})
  await once(response, "readable")
  return response
}

async function rest(response: IncomingMessage): Promise<string> {
  let text = ""
  for await (const chunk of response) text += String(chunk)
  return text
}
