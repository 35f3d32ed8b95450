import type { Command } from "../command.ts"
import { exitCodes, Fault } from "../faults.ts"
import { withInstallation } from "../installation.ts"
import { signInLinkPath } from "../welcome.ts"

/** `admin EMAIL`: prints a link that signs a locked-out operator in, once, within 15 minutes. */
export const admin: Command = async ({ env, steps, now, print }, [email, ...rest]) => {
  if (email === undefined || rest.length > 0) throw new Fault("“admin” takes one word: the operator's e-mail address.", exitCodes.usage)
  await withInstallation(env, steps, now, async ({ setUp }, { origin }) => {
    const token = await setUp.createSignInLink(email)
    if (!token.ok) throw new Fault(`No operator has the e-mail address ${email}.`)
    print(`${origin}${signInLinkPath(token.value)}`)
  })
  return 0
}
