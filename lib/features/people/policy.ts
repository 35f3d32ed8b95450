/** TURNPIKE_SIGNUP: who may make an account. */
export type SignUpPolicy = "closed" | "invitation" | "open"

/** Whether somebody may make an account. An invitation is no use where the installation is closed. */
export const maySignUp = (policy: SignUpPolicy, invited: boolean): boolean => policy === "open" || (policy === "invitation" && invited)

/** What a person has to sign in with; the last way in cannot be taken away. */
export const mayUnlink = (ways: { readonly hasPassword: boolean; readonly linked: number; readonly mail: boolean }): boolean =>
  ways.hasPassword || ways.mail || ways.linked > 1
