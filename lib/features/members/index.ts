export { mayManageMembers, mayReadMembers, rolesToGive } from "./policy.ts"
export { createMembersRepository } from "./repository.ts"
export { changeRoleSchema, inviteSchema, removeMemberSchema, revokeInvitationSchema } from "./schema.ts"
export { createMembersService, type InvitationPreview, type InvitationView, type MembersService, type MemberView } from "./service.ts"
