import pg from "pg"

/**
 * Connects a client of one's own; whoever asked for it ends it. Where its connection breaks, the query that waits or the next one rejects:
 * the event beside that, which comes between two queries, would end the process if nobody listened.
 */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on("error", () => {})
  await client.connect()
  return client
}
