import http from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import type { UpstreamCall, UpstreamRequest } from "#lib/gateway/ports.ts"
import { createUpstream, type UpstreamOptions } from "./upstream.ts"

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener)
  opened.push({ close: () => (server.closeAllConnections(), server.close()) })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions?a=1`
}

function start(url: string, options: UpstreamOptions = {}, more: Partial<UpstreamRequest> = {}, onData: (call: UpstreamCall) => boolean = () => true) {
  const upstream = createUpstream(options)
  opened.push(upstream)
  const told: string[] = []
  let finished = (_: readonly string[]) => {}
  const over = new Promise<readonly string[]>((resolve) => (finished = resolve))
  const call: UpstreamCall = upstream.call(
    { url, headers: { "x-test": "yes" }, body: Buffer.from("question"), allowPrivateNetwork: true, ...more },
    {
      onHead: (status) => told.push(`head ${status}`),
      onData: (chunk) => (told.push(`data ${chunk.toString()}`), onData(call)),
      onEnd: () => finished([...told, "end"]),
      onFailure: ({ kind }) => finished([...told, `failure ${kind}`]),
    },
  )
  return { call, over, told }
}

test("a call is posted with its headers, and the answer handed on whatever its status", async () => {
  const url = await serve((request, response) => {
    request.on("data", (body: Buffer) => response.writeHead(418).end(`${request.method} ${request.url} ${request.headers["x-test"]} ${body.toString()}`))
  })
  expect(await start(url).over).toEqual(["head 418", "data POST /v1/chat/completions?a=1 yes question", "end"])
})

test("what is only fetched is got, without a body", async () => {
  const url = await serve((request, response) => response.end(`${request.method} ${request.headers["content-length"] ?? "no body"}`))
  expect(await start(url, {}, { method: "GET", body: Buffer.alloc(0) }).over).toEqual(["head 200", "data GET no body", "end"])
})

test("a connection is used again for the next call", async () => {
  const ports = new Set<number | undefined>()
  const url = await serve((request, response) => (ports.add(request.socket.remotePort), request.resume().on("end", () => response.end("ok"))))
  const upstream = createUpstream()
  opened.push(upstream)
  for (let count = 0; count < 3; count++) {
    await new Promise<void>((resolve, reject) => {
      upstream.call({ url, headers: {}, body: Buffer.from("x"), allowPrivateNetwork: true }, { onHead() {}, onData: () => true, onEnd: resolve, onFailure: ({ detail }) => reject(new Error(detail)) })
    })
    // The end is told before the connection is free.
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(ports.size).toBe(1)
})

test.each([
  ["a private address", "http://127.0.0.1:9/v1", false],
  ["a name that stands for a private address", "http://localhost:9/v1", false],
  ["a metadata address, even where private networks are allowed", "http://169.254.169.254/latest", true],
  ["an IPv6 form of a private address", "http://[::ffff:10.0.0.1]/v1", false],
  ["another scheme", "file:///etc/passwd", true],
])("%s is never dialled", async (_, url, allowPrivateNetwork) => {
  expect(await start(url, {}, { allowPrivateNetwork }).over).toEqual(["failure refusedAddress"])
})

test.each([
  ["whole", Buffer.from("question")],
  ["piece by piece", { bytes: 8, async *chunks() { yield await Promise.resolve(Buffer.from("question")) } }],
])("a call with its body %s does not leave where its line could not be written before the turn ends", async (_, body) => {
  let arrived = 0
  const url = await serve((request, response) => (arrived++, request.resume().on("end", () => response.end("ok"))))
  let recorded = true
  const { over } = start(url, { isRecorded: () => recorded }, { body })
  recorded = false
  expect(await over).toEqual(["failure unrecorded"])
  expect(arrived).toBe(0)
  recorded = true
  expect(await start(url, { isRecorded: () => recorded }, { body }).over).toEqual(["head 200", "data ok", "end"])
})

test("TURNPIKE_OFFLINE leaves loopback alone", async () => {
  const url = await serve((_, response) => response.end("ok"))
  expect(await start(url, { loopbackOnly: true }, { allowPrivateNetwork: false }).over).toEqual(["head 200", "data ok", "end"])
  expect(await start("http://192.0.2.1/v1", { loopbackOnly: true }).over).toEqual(["failure refusedAddress"])
})

test("nobody there is a failure to connect, a break after that a closed connection", async () => {
  expect(await start("http://127.0.0.1:1/v1").over).toEqual(["failure connect"])
  const url = await serve((request) => request.socket.destroy())
  expect(await start(url).over).toEqual(["failure closed"])
  const broken = await serve((_, response) => (response.writeHead(200, { "content-length": "9" }).write("half"), setTimeout(() => response.destroy(), 20)))
  expect(await start(broken).over).toEqual(["head 200", "data half", "failure closed"])
})

test("no head, silence in the middle, and a call without end are each timed out", async () => {
  const url = await serve((request, response) => {
    if (request.headers["x-test"] === "head") return
    response.writeHead(200).write("a")
    if (request.headers["x-test"] === "drip") setInterval(() => response.write("a"), 100).unref()
  })
  const limits = { headMsMax: 1_000, idleMsMax: 1_000, totalMsMax: 2_600 }
  const [head, idle, total] = await Promise.all(["head", "idle", "drip"].map((kind) => start(url, limits, { headers: { "x-test": kind } }).over))
  expect(head).toEqual(["failure timeout"])
  expect(idle).toEqual(["head 200", "data a", "failure timeout"])
  expect(total?.at(-1)).toBe("failure timeout")
  expect(total?.length).toBeGreaterThan(10)
}, 10_000)

test("an answer that its reader has paused is not silent, and one that goes on in time is not over", async () => {
  const url = await serve((request, response) => {
    response.writeHead(200).write("a")
    const slow = request.headers["x-test"] === "slow"
    for (const [at, text] of slow ? ([[200, "b"], [400, "c"], [600, "d"]] as const) : ([[0, "b"]] as const)) setTimeout(() => response.write(text), at)
    setTimeout(() => response.end("end"), 800)
  })
  let paused = 0
  const pausing = start(url, { idleMsMax: 400 }, {}, (call) => {
    if (paused++ > 0) return true
    setTimeout(() => call.resume(), 1_000)
    return false
  })
  const [slow, held] = await Promise.all([start(url, { idleMsMax: 400 }, { headers: { "x-test": "slow" } }).over, pausing.over])
  expect(slow.join("")).toBe("head 200data adata bdata cdata ddata endend")
  expect(held.join("").replaceAll("data ", "")).toBe("head 200abendend")
})

test("an aborted call closes its connection at once and says nothing more", async () => {
  let closed = (_: number) => {}
  const closing = new Promise<number>((resolve) => (closed = resolve))
  const url = await serve((request, response) => {
    request.socket.on("close", () => closed(performance.now()))
    response.writeHead(200).write("a")
  })
  const { call, told } = start(url)
  await expect.poll(() => told).toEqual(["head 200", "data a"])
  const aborted = performance.now()
  call.abort()
  expect((await closing) - aborted).toBeLessThan(1_000)
  expect(told).toEqual(["head 200", "data a"])
})

test("a paused call stops reading until it is resumed", async () => {
  let sent = 0
  const piece = Buffer.alloc(64 * 1024, "x")
  const url = await serve((_, response) => {
    const send = () => {
      while (sent < 200 && response.write(piece)) sent++
      if (sent++ < 200) response.once("drain", send)
      else response.end()
    }
    send()
  })
  let bytes = 0
  let pauses = 0
  const upstream = createUpstream()
  opened.push(upstream)
  const whole = await new Promise<number>((resolve, reject) => {
    const call = upstream.call(
      { url, headers: {}, body: Buffer.from("x"), allowPrivateNetwork: true },
      {
        onHead() {},
        onData(chunk) {
          bytes += chunk.length
          if (pauses++ > 0) return true
          setTimeout(() => {
            expect(bytes).toBeLessThan(1024 * 1024)
            call.resume()
          }, 100)
          return false
        },
        onEnd: () => resolve(bytes),
        onFailure: ({ detail }) => reject(new Error(detail)),
      },
    )
  })
  expect(whole).toBeGreaterThan(10 * 1024 * 1024)
})
