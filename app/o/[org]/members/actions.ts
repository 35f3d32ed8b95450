"use server"

import { changeRoleSchema, inviteSchema, mayManageMembers, removeMemberSchema, revokeInvitationSchema } from "#lib/features/members/index.ts"
import { ok } from "#lib/kernel/result.ts"
import { memberAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"
import { linkMail } from "#lib/server/mails.ts"
import { publicOrigin } from "#lib/server/origin.ts"

/** Invites somebody and, where mail is set up, tells them. The value holds the link, which is shown this once. */
export const invite = memberAction(
  inviteSchema,
  async (member, input) => {
    const { members, mailer, env, log } = container()
    const invited = await members.invite(member, input)
    if (!invited.ok) return invited
    const link = `${publicOrigin(env)}/invitation/${invited.value.token}`
    const mail = linkMail("invitation", invited.value.email, link, { organization: member.organizationName, inviter: member.name ?? member.email })
    // The link is on the inviter's screen as well: a mail server that is down must not undo the invitation.
    void mailer?.send(mail).catch((error: Error) => log("error", "mail.refused", { reason: error.message }))
    return ok({ link, email: invited.value.email, mailed: mailer !== null })
  },
  mayManageMembers,
)

export const changeRole = memberAction(changeRoleSchema, (member, input) => container().members.changeRole(member, input), mayManageMembers)

export const removeMember = memberAction(removeMemberSchema, (member, input) => container().members.remove(member, input), mayManageMembers)

export const revokeInvitation = memberAction(revokeInvitationSchema, (member, input) => container().members.revokeInvitation(member, input), mayManageMembers)
