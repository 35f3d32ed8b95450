export { claimsOurForm, deriveTestSecret, displayPrefix, hashSecret, isTestSecret, isWellFormed } from "./secret.ts"
