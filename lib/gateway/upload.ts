import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { ByteStream, Edit, Form, Upload } from "#lib/wire/multipart/form.ts"
import type { BodyChunks } from "./exchange.ts"
import type { UploadFile } from "./ports.ts"

const WHOLE = { spent: false, arrived: true, failure: null } as const

/** A form that is held in memory. */
export const heldUpload = (form: Form, body: Buffer): Upload => ({ ...WHOLE, form, open: (edits) => edited(body, edits) })

/** A form that is kept in a file of ours. */
export const keptUpload = (form: Form, file: UploadFile, bytes: number): Upload => ({
  ...WHOLE,
  form,
  open: (edits) => ({
    bytes: editedLength(bytes, edits),
    async *chunks() {
      let from = 0
      for (const { start, end, bytes: instead } of edits) {
        yield* file.read(from, start)
        if (instead.length > 0) yield instead
        from = end
      }
      yield* file.read(from, bytes)
    },
  }),
})

/** What looks at a form while it passes. */
export type Watch = {
  push(chunk: Buffer): void
  /** Null: it may go on. */
  check(): GatewayError | null
  over(): boolean
}

/**
 * A form that passes while it comes: its beginning was read, and the rest is sent as the provider takes it, never more than a piece of it
 * in memory. Once some of the rest has been taken no second attempt can have it.
 */
export function passingUpload(form: Form, head: Buffer, bytes: number, rest: BodyChunks, watch: Watch): Upload {
  let spent = false
  let arrived = false
  let failure: GatewayError | null = null

  async function* chunks(edits: readonly Edit[]): AsyncGenerator<Buffer> {
    yield edited(head, edits)
    for (;;) {
      spent = true
      const next = await rest.next()
      if (!next.ok) throw new Error("the client left")
      if (next.value === null) break
      watch.push(next.value)
      failure = watch.check()
      if (failure !== null) throw new Error(failure.message)
      yield next.value
    }
    arrived = watch.over()
    if (arrived) return
    failure = { code: "invalid_request", message: "The form cannot be read: it ended before its last delimiter." }
    throw new Error(failure.message)
  }

  return {
    form,
    open: (edits): ByteStream => ({ bytes: editedLength(bytes, edits), chunks: () => chunks(edits) }),
    get spent() {
      return spent
    },
    get arrived() {
      return arrived
    },
    get failure() {
      return failure
    },
  }
}

function edited(body: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = []
  let from = 0
  for (const { start, end, bytes } of edits) {
    pieces.push(body.subarray(from, start), bytes)
    from = end
  }
  return Buffer.concat([...pieces, body.subarray(from)])
}

const editedLength = (bytes: number, edits: readonly Edit[]): number => edits.reduce((sum, { start, end, bytes: instead }) => sum - (end - start) + instead.length, bytes)
