const DEPTH_MAX = 4
/** Keys that would reach into an object's prototype. */
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"])

type Input = { [name: string]: FormDataEntryValue | readonly FormDataEntryValue[] | Input }

/**
 * A form's data as an object for a schema: `budget.amount` nests, `models[]` is a list (absent: not there), an empty text is left out
 * so that optional fields are absent. Nobody types a NUL and no database holds one: it is left out. React's own fields (`$ACTION_…`) are dropped.
 */
export function formInput(form: FormData): Input {
  const input: Input = {}
  for (const name of new Set(form.keys())) {
    if (name.startsWith("$")) continue
    const isList = name.endsWith("[]")
    const value = isList ? form.getAll(name).map(withoutNul) : withoutNul(form.get(name) ?? "")
    if (value === "") continue
    place(input, (isList ? name.slice(0, -2) : name).split("."), value)
  }
  return input
}

const withoutNul = (value: FormDataEntryValue): FormDataEntryValue => (typeof value === "string" ? value.replaceAll("\0", "") : value)

function place(into: Input, path: readonly string[], value: FormDataEntryValue | readonly FormDataEntryValue[]): void {
  if (path.length > DEPTH_MAX || path.some((part) => FORBIDDEN.has(part))) return
  const [first = "", ...rest] = path
  if (rest.length === 0) {
    into[first] = value
    return
  }
  const inner = into[first]
  const next: Input = typeof inner === "object" && !Array.isArray(inner) && !(inner instanceof File) ? (inner as Input) : {}
  into[first] = next
  place(next, rest, value)
}
