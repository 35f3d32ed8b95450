"use server"

import { createKeyInput, mayCreateKeys, revokeKeyInput, rotateKeyInput, updateKeyInput } from "#lib/features/keys/index.ts"
import { memberAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

/** Makes a key. The value holds its secret, which is shown this once. */
export const createKey = memberAction(createKeyInput, (member, input) => container().keys.create(member, input), mayCreateKeys)

/** Makes a key's successor; the value holds the new secret, which is shown this once. */
export const rotateKey = memberAction(rotateKeyInput, (member, input) => container().keys.rotate(member, input))

export const updateKey = memberAction(updateKeyInput, (member, input) => container().keys.update(member, input))

export const revokeKey = memberAction(revokeKeyInput, (member, input) => container().keys.revoke(member, input))
