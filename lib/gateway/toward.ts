import { embedderOf, servesModel } from "#lib/catalog/base-url.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { laneBetween, type LaneOptions, translationOrder } from "#lib/wire/lanes.ts"
import type { OwnLane } from "#lib/wire/raw-lane.ts"
import type { UpstreamLane } from "#lib/wire/upstream-lane.ts"
import type { Target } from "./types.ts"

/**
 * A channel of several dialects is asked in the one that needs no translation; null: nobody can ask it on behalf of this client. Of the
 * operations around chat, only those that a chat can answer are translated. `searching`: its model searches through this gateway.
 * `compacting`: it is asked for a summary.
 */
export function laneToward({ channel, upstreamModel }: Target, own: OwnLane, asking: Pick<LaneOptions, "searching" | "compacting"> = {}): UpstreamLane | null {
  const { endpoints, cloud } = channel
  const { dialect: client, operation } = own
  const hosting = cloud?.hosting
  const speaks = (dialect: Dialect) => endpoints[dialect] !== undefined && servesModel(hosting, dialect, upstreamModel)
  const waysOf = (dialect: Dialect) => ({
    envelope: hosting?.envelopes?.[dialect],
    embedder: operation === "embeddings" && dialect === "gm" ? embedderOf(hosting, upstreamModel)?.embedder : undefined,
  })
  if (speaks(client)) {
    const ways = waysOf(client)
    const isOwn = ways.envelope === undefined && ways.embedder === undefined && asking.searching !== true && asking.compacting !== true
    return isOwn ? own : laneBetween(client, client, { ...ways, operation, ...asking })
  }
  for (const dialect of translationOrder) {
    const translated = speaks(dialect) && hosting?.ownClientsOnly?.includes(dialect) !== true ? laneBetween(client, dialect, { ...waysOf(dialect), operation, ...asking }) : null
    if (translated !== null) return translated
  }
  return null
}
