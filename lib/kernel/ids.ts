/**
 * Ids say what they are: `key_0dXn…`. The first 9 characters after the prefix are the millisecond of creation in base62
 * (so ids of one kind sort by time), the last 14 are random (83 bits).
 */
export const idPrefixes = {
  user: "user",
  session: "ses",
  link: "link",
  organization: "org",
  membership: "mem",
  invitation: "inv",
  project: "proj",
  key: "key",
  channel: "chan",
  credential: "cred",
  channelModel: "cmod",
  model: "model",
  priceRule: "rule",
  priceVersion: "price",
  quota: "quota",
  lease: "lease",
  process: "proc",
  request: "req",
  account: "acct",
  posting: "post",
  entry: "ent",
  lot: "lot",
  plan: "plan",
  subscriptionEvent: "sub",
  applied: "appl",
  alert: "alert",
  delivery: "dlv",
} as const

export type IdKind = keyof typeof idPrefixes
export type Id<K extends IdKind> = `${(typeof idPrefixes)[K]}_${string}`

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const TIME_DIGITS = 9
const RANDOM_DIGITS = 14

/** Fills the array with cryptographically secure random bytes. */
export type FillRandom = (bytes: Uint8Array) => void

export type NewId = <K extends IdKind>(kind: K) => Id<K>

/** Makes the id factory of one process. `now` is in milliseconds since the Unix epoch. */
export function createNewId(now: () => number, fillRandom: FillRandom): NewId {
  const bytes = new Uint8Array(RANDOM_DIGITS)
  // Made in one piece: digit by digit, V8 would keep an id as a tree of 23 strings.
  const codes = new Array<number>(TIME_DIGITS + RANDOM_DIGITS).fill(0)
  return (kind) => {
    let time = now()
    for (let i = TIME_DIGITS - 1; i >= 0; i--) {
      codes[i] = BASE62.charCodeAt(time % 62)
      time = Math.floor(time / 62)
    }
    fillRandom(bytes)
    // 256 is not a multiple of 62: the bias costs 0.03 bits per digit of ids that only have to be unique.
    for (let i = 0; i < RANDOM_DIGITS; i++) codes[TIME_DIGITS + i] = BASE62.charCodeAt((bytes[i] ?? 0) % 62)
    return `${idPrefixes[kind]}_${String.fromCharCode(...codes)}` as Id<typeof kind>
  }
}

/** Whether a string has the form of an id of this kind; says nothing about its existence. */
export function isId<K extends IdKind>(kind: K, value: string): value is Id<K> {
  const prefix = `${idPrefixes[kind]}_`
  return value.startsWith(prefix) && /^[0-9A-Za-z]{1,64}$/.test(value.slice(prefix.length))
}

/** When an id was made: milliseconds since the Unix epoch, to the millisecond. Null where the text is too short to be one of ours. */
export function idTimeMs(id: Id<IdKind>): number | null {
  const digits = id.slice(id.indexOf("_") + 1)
  if (digits.length !== TIME_DIGITS + RANDOM_DIGITS) return null
  let time = 0
  for (const digit of digits.slice(0, TIME_DIGITS)) time = time * 62 + BASE62.indexOf(digit)
  return time
}
