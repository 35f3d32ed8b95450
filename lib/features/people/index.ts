export { createAttempts } from "./attempts.ts"
export { maySignUp, type SignUpPolicy } from "./policy.ts"
export type { LinkTokens, PasswordHasher } from "./ports.ts"
export { createPeopleRepository, DEMO_ORGANIZATION_SLUG, type PeopleRepository, type PersonRow } from "./repository.ts"
export {
  changePasswordSchema,
  emailSchema,
  localeSchema,
  PASSWORD_CHARACTERS_MIN,
  passwordSchema,
  passwordSignInSchema,
  profileSchema,
  registerSchema,
  revokeSessionSchema,
  setUpSchema,
  tokenSchema,
  unlinkSchema,
} from "./schema.ts"
export { createPeopleService, type PeopleService, type Profile } from "./service.ts"
export { createProviderSignIn, type Identity, type ProviderSignIn } from "./provider-sign-in.ts"
export { createSessions, type Origin, SESSION_SECONDS, type Sessions, type SessionView } from "./sessions.ts"
export { createSetUp, type SetUp } from "./set-up.ts"
export { createSignIn, type SignIn } from "./sign-in.ts"
