import { BlockList, isIP } from "node:net"

/**
 * Which addresses an upstream call may be made to. The check is for the address that is really dialled (the socket's lookup), not
 * for the name: names change between a check and a connection.
 */
export type AddressVerdict = "public" | "private" | "forbidden"

const list = (subnets: readonly (readonly [net: string, prefix: number])[]): BlockList => {
  const block = new BlockList()
  for (const [net, prefix] of subnets) block.addSubnet(net, prefix, isIP(net) === 6 ? "ipv6" : "ipv4")
  return block
}

/**
 * Never reachable, whoever asks: link-local (the clouds' metadata services live at 169.254.169.254 and fd00:ec2::254), Alibaba's
 * metadata address 100.100.100.200, Oracle's 192.0.0.192, "this network", multicast and reserved ranges (RFC 6890).
 */
const forbidden = list([
  ["0.0.0.0", 8],
  ["100.100.100.200", 32],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["::", 128],
  ["fd00:ec2::254", 128],
  ["fe80::", 10],
  ["ff00::", 8],
])

/** Reachable only where the operator allowed it for the channel: loopback, RFC 1918, carrier-grade NAT, benchmarks, unique local. */
const privateNetworks = list([
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["::1", 128],
  ["fc00::", 7],
  ["fec0::", 10],
])

/** Judges a literal IPv4 or IPv6 address; anything else is forbidden. IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) is judged as IPv4. */
export function judgeAddress(address: string): AddressVerdict {
  const plain = address.replace(/^\[|\]$/g, "").split("%")[0] ?? ""
  const version = isIP(plain)
  if (version === 0) return "forbidden"
  const embedded = version === 6 ? embeddedIpv4(plain) : null
  if (embedded !== null) return judgeAddress(embedded)
  const family = version === 6 ? "ipv6" : "ipv4"
  if (forbidden.check(plain, family)) return "forbidden"
  return privateNetworks.check(plain, family) ? "private" : "public"
}

/** Whether a call may go to this address. */
export function mayDial(address: string, allowPrivateNetwork: boolean): boolean {
  const verdict = judgeAddress(address)
  return verdict === "public" || (verdict === "private" && allowPrivateNetwork)
}

/** The IPv4 address that an IPv6 address carries in it: ::ffff:a.b.c.d, ::a.b.c.d, 64:ff9b::/96, 2002::/16. */
function embeddedIpv4(address: string): string | null {
  const groups = expand(address)
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join(".")
  const zero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  const [first = 0, second = 0, third = 0] = groups
  const last = [groups[6] ?? 0, groups[7] ?? 0] as const
  if (zero(0, 5) && groups[5] === 0xffff) return dotted(...last)
  if (first === 0x64 && second === 0xff9b && zero(2, 6)) return dotted(...last)
  if (first === 0x2002) return dotted(second, third)
  return zero(0, 6) && last[0] !== 0 ? dotted(...last) : null
}

/** The eight groups of a valid IPv6 address, as numbers. */
function expand(address: string): readonly number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const text =
    dotted === null
      ? address
      : `${address.slice(0, dotted.index)}${((Number(dotted[1]) << 8) | Number(dotted[2])).toString(16)}:${((Number(dotted[3]) << 8) | Number(dotted[4])).toString(16)}`
  const [head = "", tail] = text.split("::")
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)))
  const left = parse(head)
  if (tail === undefined) return left
  const right = parse(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}
