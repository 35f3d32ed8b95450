import { asciiJson, jsonMembers } from "./json-members.ts"

/**
 * Replaces a top-level member of each chunk of a stream: the model's name. The member is found by its position once; afterwards its exact
 * text is looked for, which a provider writes the same way in every chunk. Texts have one character per byte.
 */
export function createMemberRenamer(key: string, value: string): (data: string) => string {
  const name = `"${key}"`
  const replacement = `${name}:${asciiJson(value)}`
  let needle = replacement
  return (data) => {
    let at = data.indexOf(needle)
    if (at === -1) {
      if (!data.includes(name)) return data
      const member = jsonMembers(data).find((one) => one.key === key)
      if (member === undefined) return data
      needle = data.slice(member.start, member.valueEnd)
      at = member.start
    }
    return needle === replacement ? data : data.slice(0, at) + replacement + data.slice(at + needle.length)
  }
}
