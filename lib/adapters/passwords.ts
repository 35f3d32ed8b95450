import { hash, verify, type Options } from "@node-rs/argon2"

/**
 * argon2id with OWASP's first recommendation (19 MiB, 2 passes, 1 lane): about 20 ms of one core, off the event loop.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const OPTIONS: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Verified against where there is no account, so that a stranger's e-mail takes as long to refuse as a wrong password. */
let decoy: Promise<string> | undefined

/** Passwords as PHC strings (`$argon2id$v=19$…`). */
export const argon2Passwords = {
  hash: (password: string): Promise<string> => hash(password, OPTIONS),
  /** `stored` null stands for an account that does not exist or has no password: false, after the same work. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    decoy ??= hash("no account has this password", OPTIONS)
    const matches = await verify(stored ?? (await decoy), password)
    return matches && stored !== null
  },
}
