import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"

/** Where the mutants are: one folder per group, one JSON file per fault. */
export const MUTANTS_FOLDER = "test/mutants"

const mutantFile = z.strictObject({
  /** What the fault would be in the product, in a few words. */
  fault: z.string().min(1),
  file: z.string().min(1),
  /** Stands in `file` exactly once. */
  find: z.string().min(1),
  replace: z.string(),
  /** The tests that must notice: by their file and their whole name as vitest prints it, `describe` titles before it with “ > ”. */
  tests: z.array(z.strictObject({ file: z.string().min(1), name: z.string().min(1) })).min(1),
})

/** A planted fault, and the tests that must fail because of it. */
export type Mutant = z.infer<typeof mutantFile> & { readonly name: string; readonly group: string }

export type NamedTest = Mutant["tests"][number]

/** The mutants of these groups, of all where none is named. Throws on a file that is none and on a group that does not exist. */
export async function readMutants(root: string, wanted: readonly string[]): Promise<readonly Mutant[]> {
  const groups = (await readdir(join(root, MUTANTS_FOLDER), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const unknown = wanted.find((name) => !groups.includes(name))
  if (unknown !== undefined) throw new Error(`there are no mutants “${unknown}” in ${MUTANTS_FOLDER}: only ${groups.join(", ")}`)
  const read = (wanted.length === 0 ? groups : wanted).map(async (group) => {
    const names = (await readdir(join(root, MUTANTS_FOLDER, group))).filter((name) => name.endsWith(".json")).sort()
    return Promise.all(names.map((name) => readMutant(root, group, name)))
  })
  return (await Promise.all(read)).flat()
}

async function readMutant(root: string, group: string, name: string): Promise<Mutant> {
  const file = join(MUTANTS_FOLDER, group, name)
  const parsed = mutantFile.safeParse(JSON.parse(await readFile(join(root, file), "utf8")))
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
  return { ...parsed.data, group, name: name.slice(0, -".json".length) }
}

/** The text with the fault in it; null where its place is not there, or there more than once: the mutant is out of date then. */
export function planted(text: string, { find, replace }: Pick<Mutant, "find" | "replace">): string | null {
  const at = text.indexOf(find)
  return at === -1 || text.includes(find, at + 1) ? null : text.slice(0, at) + replace + text.slice(at + find.length)
}

export type Outcome = { readonly name: string; readonly failed: boolean }

/** What became of the named tests: those that failed, and those that were not run at all. */
export function judge(named: readonly NamedTest[], outcomes: readonly Outcome[]): { readonly failed: readonly string[]; readonly missing: readonly string[] } {
  const failed = new Set(outcomes.filter((one) => one.failed).map(({ name }) => name))
  const run = new Set(outcomes.map(({ name }) => name))
  const names = [...new Set(named.map(({ name }) => name))]
  return { failed: names.filter((name) => failed.has(name)), missing: names.filter((name) => !run.has(name)) }
}
