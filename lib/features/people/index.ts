export { createPeopleRepository } from "./repository.ts"
export { createSessions, SESSION_SECONDS, type Sessions } from "./sessions.ts"
export type { LinkTokens, PasswordHasher } from "./ports.ts"
