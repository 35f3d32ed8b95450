/** What is wrong with one control, by what HTML itself can check. */
export type FieldFault =
  | { readonly kind: "missing" | "email" | "url" | "form" }
  | { readonly kind: "short"; readonly min: number }
  | { readonly kind: "long"; readonly max: number }
  | { readonly kind: "below"; readonly min: string }
  | { readonly kind: "above"; readonly max: string }

/** The parts of a DOM control that are looked at. */
type Checked = {
  readonly validity: Partial<Omit<ValidityState, "valid">> & { readonly valid: boolean }
  readonly type: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly min?: string
  readonly max?: string
}

/**
 * The first fault of a control, or null. The browser's own words (`validationMessage`) are in the browser's language and not in
 * the reader's, so only its verdict is used.
 */
export function faultOf({ validity, type, minLength = 0, maxLength = 0, min = "", max = "" }: Checked): FieldFault | null {
  if (validity.valid) return null
  if (validity.valueMissing === true) return { kind: "missing" }
  if (validity.typeMismatch === true && (type === "email" || type === "url")) return { kind: type }
  if (validity.tooShort === true) return { kind: "short", min: minLength }
  if (validity.tooLong === true) return { kind: "long", max: maxLength }
  if (validity.rangeUnderflow === true) return { kind: "below", min }
  if (validity.rangeOverflow === true) return { kind: "above", max }
  return { kind: "form" }
}
