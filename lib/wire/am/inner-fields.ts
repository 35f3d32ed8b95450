import { jsonElements, type JsonMember, jsonMembers, patchJsonObject } from "../json-members.ts"

/*
 * Fields within fields that a provider does not take. The bytes of all else stay, and no value is written anew, however deep it is. Texts have
 * one character per byte.
 */

/** The same request without these fields in any of its tools. */
export function withoutToolFields(text: string, names: readonly string[]): string {
  const removed = removalOf(names)
  return replaced(text, "tools", (list) => `[${jsonElements(list).map((tool) => (tool.startsWith("{") ? patchJsonObject(tool, removed) : tool)).join(",")}]`)
}

/** The same request without these fields of an object in it. */
export const withoutFieldsOf = (text: string, member: string, names: readonly string[]): string => replaced(text, member, (object) => patchJsonObject(object, removalOf(names)))

const removalOf = (names: readonly string[]) => new Map(names.map((name) => [name, null]))

/** Of a member that stands twice, the last one counts. */
function replaced(text: string, name: string, change: (value: string) => string): string {
  const member: JsonMember | undefined = jsonMembers(text).findLast(({ key }) => key === name)
  return member === undefined ? text : `${text.slice(0, member.valueStart)}${change(text.slice(member.valueStart, member.valueEnd))}${text.slice(member.valueEnd)}`
}
