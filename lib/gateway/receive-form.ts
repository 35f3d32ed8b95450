import { guardedFieldsOf } from "#lib/catalog/guarded-around.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { FormReader, OwnLane } from "#lib/wire/raw-lane.ts"
import { readForm, type Upload } from "#lib/wire/multipart/form.ts"
import { boundaryOf, createFormScanner, type FormScanner } from "#lib/wire/multipart/form-scanner.ts"
import type { BodyChunks, GatewayRequest } from "./exchange.ts"
import type { UploadFile, UploadFilesPort } from "./ports.ts"
import { heldUpload, keptUpload, passingUpload } from "./upload.ts"

/** More of a form than this is not held in memory. */
export const FORM_BYTES_HELD_MAX = 1024 * 1024
/** More than any vendor takes of audio or of all images of an edit (OpenAI: 25 MB, and 16 of 50 MB each). */
export const UPLOAD_BYTES_MAX = 1024 * 1024 * 1024
const BYTES_PER_MIB = 1024 * 1024

const AWAY: GatewayError = { code: "unavailable", message: "A form of this size cannot be kept at the moment. Try again shortly.", retryAfterSeconds: 5 }

export type FormOptions = {
  readonly lane: OwnLane
  readonly forms: FormReader
  readonly files: UploadFilesPort
  /** Asks for something to be done when the call is over. */
  atEnd(close: () => void): void
}

export const isForm = ({ headers }: Pick<GatewayRequest, "headers">): boolean => /^multipart\//i.test(typeof headers["content-type"] === "string" ? headers["content-type"] : "")

/**
 * Reads a form as far as it must be known before it is sent: all of it where it is small; where it is large, up to its file if all that its
 * price depends on stands before that, so that the file passes while it comes; and otherwise (the model behind the file, several files,
 * no announced length) all of it, into a file of ours that has no name. The error null: the client left.
 */
export async function receiveForm(request: GatewayRequest, options: FormOptions): Promise<Result<Upload, GatewayError | null>> {
  const boundary = boundaryOf(request.headers["content-type"])
  if (boundary === null) return err({ code: "invalid_request", message: "content-type: a form needs “multipart/form-data” with a boundary." })
  const announced = lengthOf(request)
  if (announced !== null && announced > UPLOAD_BYTES_MAX) return err(tooLarge)
  const chunks = request.chunks()
  options.atEnd(() => chunks.release())
  const scanner = createFormScanner(boundary)
  const held: Buffer[] = []
  let file: UploadFile | null = null
  let bytes = 0
  for (;;) {
    const next = await chunks.next()
    if (!next.ok) return err(null)
    if (next.value === null) break
    bytes += next.value.length
    if (bytes > UPLOAD_BYTES_MAX) return err(tooLarge)
    scanner.push(next.value)
    if (scanner.problem !== null) return err(malformed(scanner.problem))
    if (file === null) held.push(next.value)
    else if (!(await tried(file.append(next.value)))) return err(AWAY)
    if (file !== null || bytes <= FORM_BYTES_HELD_MAX) continue
    if (announced !== null && mayPass(scanner, options)) return passing(Buffer.concat(held), { bytes: announced, boundary }, chunks, scanner, options)
    file = await opened(options)
    if (file === null || !(await tried(file.append(Buffer.concat(held))))) return err(AWAY)
    held.length = 0
  }
  if (!scanner.over) return err(malformed("It ended before its last delimiter."))
  const form = readForm(scanner.parts, bytes, boundary)
  if (!form.ok) return form
  return ok(file === null ? heldUpload(form.value, Buffer.concat(held)) : keptUpload(form.value, file, bytes))
}

/** The model is known, and its only file has begun. */
const mayPass = ({ parts }: FormScanner, { forms }: FormOptions): boolean =>
  forms.passes && parts.some(({ name, isFile }) => name === "model" && !isFile) && parts.at(-1)?.isFile === true && parts.at(-1)?.valueEnd === null && parts.filter(({ isFile }) => isFile).length === 1

function passing(head: Buffer, { bytes, boundary }: { readonly bytes: number; readonly boundary: string }, chunks: BodyChunks, scanner: FormScanner, { lane }: FormOptions): Result<Upload, GatewayError> {
  const form = readForm([...scanner.parts], bytes, boundary)
  if (!form.ok) return form
  const guarded = guardedFieldsOf(lane.dialect, lane.operation)
  const known = scanner.parts.length
  /** What came behind the file and should have come before it. */
  const check = (): GatewayError | null => {
    if (scanner.problem !== null) return malformed(scanner.problem)
    const late = scanner.parts.slice(known).find(({ name, isFile }) => isFile || guarded?.has(name.replace(/\[.*$/s, "").toLowerCase()))
    return late === undefined ? null : { code: "invalid_request", message: `${late.name.slice(0, 64)}: in a form of more than ${FORM_BYTES_HELD_MAX / BYTES_PER_MIB} MiB it must stand before the file, or the model behind it.`, param: late.name.slice(0, 64) }
  }
  return ok(passingUpload(form.value, head, bytes, chunks, { push: (chunk) => scanner.push(chunk), check, over: () => scanner.over }))
}

async function opened({ files, atEnd }: FormOptions): Promise<UploadFile | null> {
  try {
    const file = await files.create()
    atEnd(() => file.close())
    return file
  } catch {
    return null
  }
}

/** Whether it could be written. */
const tried = (work: Promise<void>): Promise<boolean> => work.then(() => true, () => false)

const tooLarge: GatewayError = { code: "request_too_large", message: `The form is larger than ${UPLOAD_BYTES_MAX / BYTES_PER_MIB} MiB, which is the most that passes here.` }
const malformed = (problem: string): GatewayError => ({ code: "invalid_request", message: `The form cannot be read: ${problem}` })

function lengthOf({ headers }: GatewayRequest): number | null {
  const length = headers["content-length"]
  return typeof length === "string" && /^\d{1,15}$/.test(length) ? Number(length) : null
}

