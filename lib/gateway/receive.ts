import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Addressed } from "#lib/wire/call.ts"
import type { OwnLane } from "#lib/wire/raw-lane.ts"
import type { BodyFailure, GatewayRequest } from "./exchange.ts"
import type { GatewayPorts } from "./ports.ts"
import { isForm, receiveForm } from "./receive-form.ts"
import { secretOf } from "./secret.ts"
import { begun, type Received } from "./stages.ts"

export type ReceiveOptions = {
  readonly requestId: Id<"request">
  readonly lane: OwnLane
  readonly endpoint: string
  /** What the path says of the call, where its dialect puts it there. */
  readonly addressed: Addressed | undefined
  readonly bodyBytesMax: number
  /** Asked for room for a body in memory; absent: the body is small. */
  readonly take: ((bytes: number) => boolean) | undefined
  readonly ports: Pick<GatewayPorts, "clock" | "uploads">
  /** Asks for something to be done when the call is over. */
  atEnd(close: () => void): void
}

const NO_BODY = Buffer.alloc(0)
const BYTES_PER_MIB = 1024 * 1024

/** Reads a call: its body, bounded, parsed once. The error null: the client left before it had sent everything. */
export async function receive(request: GatewayRequest, options: ReceiveOptions): Promise<Result<Received, GatewayError | null>> {
  const { requestId, lane, endpoint, addressed, bodyBytesMax, take, ports, atEnd } = options
  const receivedAtMs = ports.clock.now()
  const startedMs = ports.clock.monotonic()
  const encoding = request.headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity") {
    return err({ code: "invalid_request", message: "content-encoding: a compressed body cannot be read here; send it as it is." })
  }
  const { forms } = lane
  if (forms !== undefined && isForm(request)) {
    const upload = await receiveForm(request, { lane, forms, files: ports.uploads, atEnd })
    if (!upload.ok) return upload
    const call = forms.readCall(upload.value.form)
    if (!call.ok) return call
    return ok(begun({ requestId, receivedAtMs, startedMs, headers: request.headers, secret: secretOf(request), lane, endpoint, body: NO_BODY, upload: upload.value, call: call.value }))
  }
  const body = await request.body(bodyBytesMax, take)
  if (!body.ok) return err(unread(body.error, bodyBytesMax))
  const call = lane.readCall(body.value, request.headers, addressed)
  if (!call.ok) return call
  return ok(begun({ requestId, receivedAtMs, startedMs, headers: request.headers, secret: secretOf(request), lane, endpoint, body: body.value, call: call.value }))
}

function unread(failure: BodyFailure, bodyBytesMax: number): GatewayError | null {
  switch (failure) {
    case "closed":
      return null
    case "noRoom":
      return { code: "unavailable", message: "Too many large requests are in progress at this moment. Try again shortly.", retryAfterSeconds: 1 }
    case "tooLarge":
      return { code: "request_too_large", message: `The body is larger than ${Math.floor(bodyBytesMax / BYTES_PER_MIB)} MiB, which is the most that is read here.` }
  }
}
