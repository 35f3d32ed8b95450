import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import { type Fields, invalid } from "../request-fields.ts"
import type { FormPart } from "./form-scanner.ts"

/** A form as the pipeline knows it: its fields by name, and its files by name and size. */
export type Form = {
  readonly fields: Fields
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  readonly parts: readonly FormPart[]
  /** By which its parts were told apart: the only one that a provider is told of. */
  readonly boundary: string
}

/** Something else in place of some bytes of a body. */
export type Edit = { readonly start: number; readonly end: number; readonly bytes: Buffer }

/** A body that is read while it is sent. `bytes`: its length. */
export type ByteStream = { readonly bytes: number; chunks(): AsyncIterable<Buffer> }

/** The body of a form that is too large to be held, or one that is held. */
export type Upload = {
  readonly form: Form
  /** The body with these edits, in their order, for one attempt. */
  open(edits: readonly Edit[]): Buffer | ByteStream
  /** Some of it has gone by and is nowhere kept: there is no other attempt. */
  readonly spent: boolean
  /** Everything has come from the client. */
  readonly arrived: boolean
  /** Why it was ended while it passed; null: it was not. */
  readonly failure: GatewayError | null
}

const NAME = /^([\w.-]{1,64})(?:\[(\w{0,64})\])?$/

/**
 * Reads the parts of a form. `a[]` is an element of a list, `a[b]` a member of an object, as the SDKs write them; any other name may stand
 * once. `bytesMax`: where the body ends, for a file that has not ended yet.
 */
export function readForm(parts: readonly FormPart[], bytesMax: number, boundary: string): Result<Form, GatewayError> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const files: { name: string; bytes: number }[] = []
  for (const { name, isFile, text, valueStart, valueEnd } of parts) {
    const [, base, inner] = NAME.exec(name) ?? []
    if (base === undefined) return invalid(null, `The form has a part whose name cannot be read here: “${name.slice(0, 64)}”.`)
    if (isFile) {
      files.push({ name: base, bytes: (valueEnd ?? bytesMax) - valueStart })
      continue
    }
    const before = fields[base]
    if (inner === undefined) {
      if (before !== undefined) return invalid(base, `${base}: it stands in the form more than once.`)
      fields[base] = text
    } else if (inner === "") {
      if (before !== undefined && !Array.isArray(before)) return invalid(base, `${base}: it stands in the form in two ways.`)
      fields[base] = [...((before ?? []) as readonly unknown[]), text]
    } else {
      if (before !== undefined && (typeof before !== "object" || Array.isArray(before))) return invalid(base, `${base}: it stands in the form in two ways.`)
      fields[base] = { ...(before ?? {}), [inner]: text }
    }
  }
  return ok({ fields, files, parts, boundary })
}

/** The content type of a form: a client's own could name a second boundary, by which another reader would see other parts. */
export const formType = ({ boundary }: Pick<Form, "boundary">): string => `multipart/form-data; boundary=${/^[\w'+.-]+$/.test(boundary) ? boundary : `"${boundary.replace(/["\\]/g, "\\$&")}"`}`

/** What an attempt changes in a form: the model's name, and fields that the channel does not take. */
export function formEdits({ parts }: Form, model: string, dropped: readonly string[]): readonly Edit[] {
  return parts.flatMap(({ name, isFile, start, valueStart, valueEnd }): readonly Edit[] => {
    if (isFile || valueEnd === null) return []
    if (name === "model") return [{ start: valueStart, end: valueEnd, bytes: Buffer.from(model) }]
    // From its own delimiter to the next one.
    return dropped.includes(NAME.exec(name)?.[1] ?? name) ? [{ start, end: valueEnd + 2, bytes: Buffer.alloc(0) }] : []
  })
}
