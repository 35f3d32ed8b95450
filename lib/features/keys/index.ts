export { claimsOurForm, deriveTestSecret, displayPrefix, hashSecret, isPlausible, isTestSecret, isWellFormed } from "./secret.ts"
