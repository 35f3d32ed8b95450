import { displayPrefix, isTestSecret, newSecret } from "#lib/features/keys/index.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Path } from "./document.ts"
import { applyBudget, type Applying, type Place, stampOf } from "./organizations.ts"
import { Refusal } from "./refusal.ts"
import type { FoundKey, KeyWrite } from "./repository.ts"
import type { KeyOfFile } from "./schema.ts"

/**
 * Brings an organization's keys about. A key is found again by its secret where the file gives one, else by its name among the keys
 * that files manage.
 */
export async function applyKeys(applying: Applying, place: Place, wanted: readonly KeyOfFile[], projects: ReadonlyMap<string, string>): Promise<void> {
  for (const [index, key] of wanted.entries()) {
    const path = [...place.path, "keys", index]
    const membershipId = await ownerOf(applying, place, key, path)
    if (membershipId === undefined) continue
    await applyKey(applying, place, key, { membershipId, projectId: await projectOf(applying, place, key, projects, path) }, path)
  }
}

type Belongs = { readonly membershipId: string | null; readonly projectId: string | null }

/** Undefined: whose key it is to be has been invited and has not come yet. */
async function ownerOf({ scope, reporter, clock }: Applying, { organizationId, organization }: Place, key: KeyOfFile, path: Path): Promise<string | null | undefined> {
  if (key.member === undefined) return null
  const member = await scope.repository.findMember(organizationId, key.member)
  if (member !== null && member.removedAt === null) return member.id
  const invitation = await scope.repository.findInvitation(organizationId, key.member, new Date(clock.now()))
  if (invitation === null) throw new Refusal([...path, "member"], `${key.member} is no member of ${organization}: add them to its members`)
  reporter.wait(`the key “${key.name}” of ${organization} is made when ${key.member} has accepted the invitation and the file is applied again`)
  return undefined
}

async function projectOf({ scope }: Applying, { organizationId, organization }: Place, key: KeyOfFile, projects: ReadonlyMap<string, string>, path: Path): Promise<string | null> {
  if (key.project === undefined) return null
  const id = projects.get(key.project) ?? (await scope.repository.findProject(organizationId, key.project))?.id
  if (id === undefined) throw new Refusal([...path, "project"], `${organization} has no project “${key.project}”: add it to its projects`)
  return id
}

async function applyKey(applying: Applying, place: Place, key: KeyOfFile, belongs: Belongs, path: Path): Promise<void> {
  const row: KeyWrite = {
    name: key.name,
    ...belongs,
    allowedModels: key.models ?? [],
    parameters: key.parameters ?? "lenient",
    expiresAt: key.expires ?? null,
    limits: {
      requestsPerMinute: key.limits?.requestsPerMinute ?? null,
      tokensPerMinute: key.limits?.tokensPerMinute ?? null,
      concurrent: key.limits?.concurrent ?? null,
    },
    managedBy: applying.file,
  }
  const byHash = key.secret === undefined ? null : await findBySecret(applying, place, key.secret, path)
  const byName = byHash === null ? await applying.scope.repository.findManagedKey(place.organizationId, key.name) : null
  if (byHash === null && (byName === null || key.secret !== undefined)) return makeKey(applying, place, key, row, byName)
  const found = byHash ?? byName
  if (found !== null) await updateKey(applying, place, key, row, found)
}

async function findBySecret({ scope, secretHashes }: Applying, place: Place, secret: string, path: Path): Promise<FoundKey | null> {
  const found = await scope.repository.systemFindKeyByHash(secretHashes.map((hash) => hash(secret)))
  if (found === null) return null
  if (found.organizationId !== place.organizationId) throw new Refusal([...path, "secret"], "this secret is another organization's key already")
  if (found.revokedAt !== null) throw new Refusal([...path, "secret"], "the key with this secret has been revoked, which is for good: give it another secret")
  return found
}

/** Makes the key. Where one of this name had another secret, the new one takes its place, with the same limits and budget. */
async function makeKey(applying: Applying, place: Place, key: KeyOfFile, row: KeyWrite, replaced: FoundKey | null): Promise<void> {
  const { scope, reporter, newId, clock, secretHashes, fillRandom } = applying
  const now = new Date(clock.now())
  const id: Id<"key"> = newId("key")
  const secret = key.secret ?? newSecret(fillRandom, { test: false })
  const limitsOfId = replaced === null ? null : (replaced.limitsOfId ?? replaced.id)
  const stored = { secretHash: secretHashes[0](secret), prefix: displayPrefix(secret), test: isTestSecret(secret) }
  await scope.repository.insertKey(place.organizationId, { id, ...row, ...stored, createdAt: now, rotatedFromId: replaced?.id ?? null, limitsOfId })
  if (replaced !== null) await scope.repository.revokeKey(place.organizationId, replaced.id, now)
  await scope.repository.writeKeyLimits(place.organizationId, limitsOfId ?? id, row.limits, stampOf(applying))
  const changes = await applyBudget(applying, place.organizationId, "key", limitsOfId ?? id, key.budget)
  reporter.note(label(place, key), replaced === null ? "created" : "updated", replaced === null ? changes : ["new secret, the old one is revoked", ...changes])
  if (key.secret === undefined) reporter.secret({ organization: place.organization, name: key.name, secret })
}

async function updateKey(applying: Applying, place: Place, key: KeyOfFile, row: KeyWrite, found: FoundKey): Promise<void> {
  const changes = differences(found, row)
  const limitsOfId = found.limitsOfId ?? found.id
  if (changes.length > 0) {
    await applying.scope.repository.updateKey(place.organizationId, found.id, row)
    await applying.scope.repository.writeKeyLimits(place.organizationId, limitsOfId, row.limits, stampOf(applying))
  }
  changes.push(...(await applyBudget(applying, place.organizationId, "key", limitsOfId, key.budget)))
  applying.reporter.note(label(place, key), changes.length > 0 ? "updated" : "unchanged", changes)
}

const label = ({ organization }: Place, { name }: KeyOfFile) => `organization ${organization}, key ${name}`

function differences(found: FoundKey, wanted: KeyWrite): string[] {
  const before = { ...found, limits: undefined, requestsPerMinute: found.requestsPerMinute, expiresAt: found.expiresAt?.toISOString() ?? null, allowedModels: found.allowedModels.join(" ") }
  const after = { ...wanted, ...wanted.limits, expiresAt: wanted.expiresAt?.toISOString() ?? null, allowedModels: wanted.allowedModels.join(" ") }
  const fields = ["name", "membershipId", "projectId", "allowedModels", "parameters", "expiresAt", "requestsPerMinute", "tokensPerMinute", "concurrent", "managedBy"] as const
  return fields.flatMap((field) => (before[field] === after[field] ? [] : [`${words[field]} ${before[field] || "none"} → ${after[field] || "none"}`]))
}

const words = {
  name: "name",
  membershipId: "member",
  projectId: "project",
  allowedModels: "models",
  parameters: "parameters",
  expiresAt: "expires",
  requestsPerMinute: "requests per minute",
  tokensPerMinute: "tokens per minute",
  concurrent: "concurrent calls",
  managedBy: "managed by",
} as const
