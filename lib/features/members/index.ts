export { createMembersRepository } from "./repository.ts"
export { createMembersService, type MembersService } from "./service.ts"
