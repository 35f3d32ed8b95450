/** What brings somebody back to the sign-in page: next-auth's own words, and ours (lib/server/auth.ts). Values are keys below `auth.faults`. */
const faults = {
  AccessDenied: "closed",
  closed: "closed",
  disabled: "disabled",
  noEmail: "noEmail",
  OAuthAccountNotLinked: "notLinked",
  TooManyAttempts: "tooMany",
  Verification: "linkSpent",
} as const

/** The message for `?error=`, whatever stands in it; null without one. */
export function faultOf(error: string | string[] | undefined): (typeof faults)[keyof typeof faults] | "other" | null {
  if (typeof error !== "string" || error === "") return null
  return Object.hasOwn(faults, error) ? faults[error as keyof typeof faults] : "other"
}
