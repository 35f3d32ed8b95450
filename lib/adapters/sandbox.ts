import type { UpstreamPort, UpstreamRequest, UpstreamSink } from "#lib/gateway/ports.ts"
import { readForm } from "#lib/wire/multipart/form.ts"
import { boundaryOf, createFormScanner } from "#lib/wire/multipart/form-scanner.ts"
import type { Fields, SandboxAnswer } from "./sandbox-answer.ts"
import { sandboxAround, sandboxOperation } from "./sandbox-around.ts"
import { sandboxCompletion } from "./sandbox-completion.ts"
import { sandboxGenerate } from "./sandbox-generate.ts"
import { sandboxMessage, sandboxTokenCount } from "./sandbox-message.ts"
import { sandboxResponse } from "./sandbox-response.ts"

export const SANDBOX_SCHEME = "sandbox:"

/** Pieces of a slow or stalled answer. */
const SLOW_CHUNK_MS = 250

/**
 * The built-in provider behind `sandbox:` URLs: answers chat completions, responses, messages, generateContent and the operations around chat within this process, always the same way for the same
 * request, so that the first call works without an account anywhere and integration tests can be written against it.
 * docs/sandbox.md lists what a request can ask it for.
 */
export function createSandbox(): UpstreamPort {
  return {
    call(request, sink) {
      const call = createCall(sink)
      // As over a network: nothing is answered before `call` has returned.
      queueMicrotask(() => {
        const answer = answerTo(request)
        if (!(answer instanceof Promise)) call.start(answer)
        else answer.then((read) => call.start(read), (error: unknown) => call.fail(String(error)))
      })
      return call
    },
  }
}

/** Sends `sandbox:` URLs to the sandbox and all others to the network. */
export const withSandbox = (network: UpstreamPort, sandbox: UpstreamPort = createSandbox()): UpstreamPort => ({
  call: (request, sink) => (request.url.startsWith(SANDBOX_SCHEME) ? sandbox : network).call(request, sink),
})

function createCall(sink: UpstreamSink) {
  let over = false
  let paused = false
  let proceed = () => {}
  let timer: NodeJS.Timeout | undefined

  const send = (answer: SandboxAnswer, index: number): void => {
    if (over) return
    const { pieces, pace, ending } = answer
    const piece = pieces[index]
    if (piece === undefined) {
      if (ending === "silence") return
      over = true
      if (ending === "break") sink.onFailure({ kind: "closed", detail: "the sandbox was asked to break off" })
      else sink.onEnd()
      return
    }
    proceed = () => send(answer, index + 1)
    paused = !sink.onData(Buffer.from(piece))
    if (over || paused) return
    if (pace === "slow") timer = setTimeout(proceed, SLOW_CHUNK_MS)
    else proceed()
  }

  return {
    start(answer: SandboxAnswer) {
      if (over) return
      sink.onHead(answer.status, answer.headers)
      send(answer, 0)
    },
    /** The form could not be read to its end. */
    fail(detail: string) {
      if (over) return
      over = true
      sink.onFailure({ kind: "closed", detail })
    },
    resume() {
      if (!paused) return
      paused = false
      proceed()
    },
    abort() {
      over = true
      clearTimeout(timer)
    },
  }
}

/** The body has been read by the gateway already, so it is JSON, or a form that is well made. */
function answerTo({ url, body, headers }: UpstreamRequest): SandboxAnswer | Promise<SandboxAnswer> {
  const operation = sandboxOperation(url)
  const boundary = boundaryOf(headers["content-type"])
  if (operation !== null && boundary !== null) return readFormFields(body, boundary).then((fields) => sandboxAround(operation, fields))
  const request = (Buffer.isBuffer(body) ? JSON.parse(body.toString("utf8")) : {}) as Fields
  if (operation !== null) return sandboxAround(operation, request)
  const generated = sandboxGenerate(url, request)
  if (generated !== null) return generated
  if (url.endsWith("/messages/count_tokens")) return sandboxTokenCount(request)
  if (url.endsWith("/responses")) return sandboxResponse(request)
  return url.endsWith("/messages") ? sandboxMessage(request) : sandboxCompletion(request)
}

/** A form's fields, and the size of its file. */
async function readFormFields(body: UpstreamRequest["body"], boundary: string): Promise<Fields> {
  const scanner = createFormScanner(boundary)
  if (Buffer.isBuffer(body)) scanner.push(body)
  else for await (const chunk of body.chunks()) scanner.push(chunk)
  const form = readForm(scanner.parts, 0, boundary)
  return form.ok ? { ...form.value.fields, bytes: form.value.files[0]?.bytes ?? 0 } : {}
}
