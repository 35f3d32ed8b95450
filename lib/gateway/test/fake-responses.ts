import type { MemoryRecord, Remembered } from "#lib/wire/memory.ts"
import type { ResponseOwner, ResponsesPort } from "../ports.ts"

type Kept = { readonly owner: ResponseOwner; readonly id: string; readonly previousId: string | null; readonly record: MemoryRecord }

/** Keeps answers in memory. `away`: every reader rejects, as without a database. */
export function fakeResponses() {
  const kept: Kept[] = []
  const control = { away: false }
  const mine = (owner: ResponseOwner) => {
    if (control.away) throw new Error("away")
    return kept.filter((one) => one.owner.organizationId === owner.organizationId && one.owner.ownerId === owner.ownerId)
  }
  const opened = ({ record }: Kept): Remembered => JSON.parse(record.json) as Remembered
  const port: ResponsesPort = {
    async chain(owner, id, { responsesMax }) {
      const history: Remembered[] = []
      for (let next: string | null = id; next !== null; ) {
        const found: Kept | undefined = mine(owner).find((one) => one.id === next)
        if (found === undefined) return { kind: "absent" }
        history.unshift(opened(found))
        if (history.length > responsesMax) return { kind: "tooLong" }
        next = found.previousId
      }
      return { kind: "found", history }
    },
    find: async (owner, id) => {
      const found = mine(owner).find((one) => one.id === id)
      return found === undefined ? null : opened(found)
    },
    holding: async (owner, itemIds) => mine(owner).filter(({ record }) => record.itemIds.some((id) => itemIds.includes(id))).map(opened),
    keep(owner, { id, previousId, record }) {
      const made = record()
      if (made !== null) kept.push({ owner, id, previousId, record: made })
    },
    remove: async (owner, id) => {
      const found = mine(owner).find((one) => one.id === id)
      if (found !== undefined) kept.splice(kept.indexOf(found), 1)
      return found !== undefined
    },
  }
  return { port, kept, control }
}
