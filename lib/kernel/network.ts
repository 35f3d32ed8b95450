const GROUPS = 8
const GROUPS_OF_A_NETWORK = 4

/**
 * Whose an address is, as far as it tells: of IPv6 the /64, the least that anybody is given (RFC 6177), from which they take as many
 * addresses as they like; of IPv4 the address itself.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? []
  const groupsOf = (part: string): readonly string[] => (part === "" ? [] : part.split(":"))
  const [left, right] = [groupsOf(head), groupsOf(tail ?? "")]
  const zeros = Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill("0")
  const groups = tail === undefined ? left : [...left, ...zeros, ...right]
  return `${groups.slice(0, GROUPS_OF_A_NETWORK).map((group) => group.toLowerCase().replace(/^0+(?=.)/, "")).join(":")}::/64`
}
