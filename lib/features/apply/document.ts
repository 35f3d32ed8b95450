import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from "yaml"

/** Where something stands in the file, beginning with 1. */
export type Position = { readonly line: number; readonly column: number }

/** Steps into the file's value: `["organizations", 0, "budget"]`. */
export type Path = readonly PropertyKey[]

export type FileProblem = { readonly path: Path; readonly position: Position; readonly message: string }

export type ReadDocument = {
  /** Plain data with the environment filled in. */
  readonly value: unknown
  /** Problems of the text itself; where there are any, `value` is not to be used. */
  readonly problems: readonly FileProblem[]
  /** Where a path stands; for what is not there, where the nearest thing around it begins. */
  locate(path: Path): Position
}

/** The name between `${` and `}`. */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const BROKEN_VARIABLE = /\$\{(?![A-Za-z_][A-Za-z0-9_]*\})/
/** How much aliases may multiply the file. */
const ALIASES_MAX = 100

/**
 * Reads YAML (and so JSON) and fills `${NAME}` in texts from `environment`, where an empty value counts as none. Keeps what is needed
 * to say later on which line a path stands.
 */
export function readDocument(text: string, environment: Readonly<Record<string, string | undefined>>): ReadDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const locate = (path: Path): Position => at(offsetOf(document, path))
  const problems: FileProblem[] = document.errors.map((error) => ({ path: [], position: at(error.pos[0]), message: error.message }))
  if (problems.length > 0) return { value: undefined, problems, locate }
  fillIn(document, environment, (offset, message) => problems.push({ path: [], position: at(offset), message }))
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }), problems, locate }
  } catch (error) {
    return { value: undefined, problems: [{ path: [], position: at(0), message: (error as Error).message }], locate }
  }
}

function fillIn(document: Document, environment: Readonly<Record<string, string | undefined>>, refuse: (offset: number, message: string) => void): void {
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || typeof node.value !== "string") return
      const offset = node.range?.[0] ?? 0
      if (node.value.includes("\0")) refuse(offset, "a text may not hold the character U+0000")
      if (BROKEN_VARIABLE.test(node.value)) refuse(offset, "a variable is written ${NAME}, with letters, digits and underscores")
      node.value = node.value.replace(VARIABLE, (written, name: string) => {
        const value = environment[name]
        if (value !== undefined && value !== "") return value
        refuse(offset, `the environment variable ${name} is not set`)
        return written
      })
    },
  })
}

function offsetOf(document: Document, path: Path): number {
  let node: Node | null = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    const found = childOf(node, step)
    if (found === undefined) break
    offset = found.offset ?? offset
    node = found.node
  }
  return offset
}

/** A member's offset is its key's, so that an unknown field is pointed at by its name. */
function childOf(node: Node | null, step: PropertyKey): { readonly node: Node | null; readonly offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step)) as Pair<Node, Node | null> | undefined
    return pair && { node: pair.value, offset: pair.key.range?.[0] }
  }
  const items = node !== null && "items" in node ? (node.items as readonly (Node | null)[]) : []
  const item = items[Number(step)]
  return item == null ? undefined : { node: item, offset: item.range?.[0] }
}

/** `organizations[0].budget.amount` */
export const writePath = (path: Path): string =>
  path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`), "")

/** `turnpike.yaml:12: organizations[0].budget.amount: …` */
export const writeProblem = (file: string, { path, position, message }: FileProblem): string =>
  `${file}:${position.line}: ${path.length === 0 ? "" : `${writePath(path)}: `}${message}`
