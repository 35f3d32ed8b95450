/** A numbered rule of docs/wire-rules.md. */
export type Rule = { readonly number: number; readonly text: string }

export type Coverage = {
  readonly rule: Rule
  /** Files with tests whose names carry the number, and how many there are in each. */
  readonly tests: readonly { readonly file: string; readonly names: readonly string[] }[]
  /** Mutants that a test with the number must notice. */
  readonly mutants: readonly string[]
}

/** The rules of the page: every line that begins with a number and a point. */
export function readRules(page: string): readonly Rule[] {
  return page.split("\n").flatMap((line) => {
    const [, number, text] = /^(\d+)\. (.+)$/.exec(line) ?? []
    return number === undefined || text === undefined ? [] : [{ number: Number(number), text }]
  })
}

/** The numbers that a test's name begins with: `W-5 W-27 turns of one role become one` → 5, 27. */
export function numbersOf(testName: string): readonly number[] {
  const [start = ""] = /^(?:W-\d+ )*/.exec(testName) ?? []
  return [...start.matchAll(/W-(\d+) /g)].map(([, number]) => Number(number))
}

/** Names of a source file's tests that begin with a rule's number. Names made by `test.each` stand as they are written. */
export function ruleTestsOf(source: string): readonly string[] {
  return [...source.matchAll(/["'`](W-\d+ [^\n]*?)["'`]\s*,/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

type NamedMutant = { readonly name: string; readonly tests: readonly { readonly name: string }[] }

/** What proves each rule. */
export function coverageOf(rules: readonly Rule[], sources: ReadonlyMap<string, string>, mutants: readonly NamedMutant[]): readonly Coverage[] {
  const tests = [...sources].map(([file, source]) => ({ file, names: ruleTestsOf(source) }))
  const noticed = mutants.map(({ name, tests }) => ({ name, numbers: new Set(tests.flatMap((test) => numbersOf(test.name.split(" > ").at(-1) ?? ""))) }))
  return rules.map((rule) => ({
    rule,
    tests: tests.map(({ file, names }) => ({ file, names: names.filter((name) => numbersOf(name).includes(rule.number)) })).filter(({ names }) => names.length > 0),
    mutants: noticed.filter(({ numbers }) => numbers.has(rule.number)).map(({ name }) => name),
  }))
}

/** What a rule still needs; null: nothing. */
export function gapOf({ tests, mutants }: Coverage): string | null {
  if (tests.length === 0) return "no test"
  return mutants.length === 0 ? "no mutant" : null
}
