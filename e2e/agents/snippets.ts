import { readFileSync } from "node:fs"

const document = new URL("../../docs/agents.md", import.meta.url)

/** What stands in place of the documents' examples. */
export type Place = { readonly origin: string; readonly secret: string; readonly model: string }

/** A section of docs/agents.md, pointed at a Turnpike that runs. Throws where there is none. */
function readSection(heading: string, { origin, secret, model }: Place): string {
  const section = readFileSync(document, "utf8").split(/^## /m).find((text) => text.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`docs/agents.md has no “${heading}”`)
  return section.replaceAll("http://127.0.0.1:3000", origin).replaceAll("sk-tp-…", secret).replaceAll("glm-5.3-flash", model).replaceAll("glm-5.3", model)
}

/** The first code block of `language` below a heading. Throws where there is none. */
export function readSnippet(heading: string, language: string, place: Place): string {
  const block = new RegExp(`^\`\`\`${language}\n(?<code>[^]*?)^\`\`\``, "m").exec(readSection(heading, place))?.groups?.["code"]
  if (block === undefined) throw new Error(`docs/agents.md has no ${language} below “${heading}”`)
  return block
}

/** The rows of the table below a heading, without their head and without the marks of code. */
export function readTable(heading: string, place: Place): readonly (readonly string[])[] {
  const lines = readSection(heading, place).split("\n").filter((line) => line.startsWith("|"))
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")))
}

/** The variables that a shell's snippet exports. */
export function exportsOf(snippet: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...snippet.matchAll(/^export (?<name>\w+)=(?<value>\S+)$/gm)].map(({ groups }) => [groups!["name"]!, groups!["value"]!]))
}
