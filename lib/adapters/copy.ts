import { once } from "node:events"
import type { Socket } from "node:net"
import type pg from "pg"

/** What `pg` hands to a query of one's own (pg/lib/client.js, `Submittable`); its types leave COPY out. */
type Connection = {
  readonly stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** Rows that have arrived and were not yet read, in bytes, before the socket is paused. */
const BUFFER_BYTES_MAX = 1024 * 1024

/** The messages of a simple query. `pg` calls the one that arrives. */
abstract class CopyQuery {
  private readonly text: string
  protected readonly ended = Promise.withResolvers<void>()
  private failure: Error | null = null

  constructor(text: string) {
    this.text = text
    // Whoever waits for the end sees the failure; nobody may be waiting yet.
    this.ended.promise.catch(() => {})
  }

  submit(connection: Connection): void {
    connection.query(this.text)
  }

  handleError(error: Error): void {
    this.failure = error
    this.ended.reject(error)
  }

  handleReadyForQuery(): void {
    if (this.failure === null) this.ended.resolve()
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

class CopyOut extends CopyQuery {
  private readonly chunks: Buffer[] = []
  private bytes = 0
  private stream: Socket | null = null
  private wake: () => void = () => {}

  handleCopyData({ chunk }: { readonly chunk: Buffer }, { stream }: Connection): void {
    this.stream = stream
    // The parser's buffer is used again for the next message.
    this.chunks.push(Buffer.from(chunk))
    this.bytes += chunk.length
    if (this.bytes > BUFFER_BYTES_MAX) stream.pause()
    this.wake()
  }

  async *read(): AsyncGenerator<Buffer> {
    let done = false
    const finish = () => {
      done = true
      this.wake()
    }
    this.ended.promise.then(finish, finish)
    while (true) {
      const chunks = this.chunks.splice(0)
      this.bytes = 0
      this.stream?.resume()
      if (chunks.length > 0) yield Buffer.concat(chunks)
      else if (done) return await this.ended.promise
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }
}

class CopyIn extends CopyQuery {
  private readonly source: AsyncIterable<Buffer>

  constructor(text: string, source: AsyncIterable<Buffer>) {
    super(text)
    this.source = source
  }

  handleCopyInResponse(connection: Connection): void {
    this.send(connection).catch((error: Error) => {
      this.handleError(error)
      connection.sendCopyFail("the rows could not be read")
    })
  }

  private async send(connection: Connection): Promise<void> {
    for await (const chunk of this.source) {
      connection.sendCopyFromChunk(chunk)
      if (connection.stream.writableNeedDrain) await once(connection.stream, "drain")
    }
    connection.endCopyFrom()
  }

  result(): Promise<void> {
    return this.ended.promise
  }
}

/** Runs a `COPY … TO STDOUT` and yields what it sends, whole rows at a time. Read it to the end. */
export function copyOut(client: pg.ClientBase, sql: string): AsyncGenerator<Buffer> {
  const query = new CopyOut(sql)
  client.query(query as unknown as pg.Submittable)
  return query.read()
}

/** Runs a `COPY … FROM STDIN` with the rows of `source`; rejects, and copies nothing, where the source or the database fails. */
export function copyIn(client: pg.ClientBase, sql: string, source: AsyncIterable<Buffer>): Promise<void> {
  const query = new CopyIn(sql, source)
  client.query(query as unknown as pg.Submittable)
  return query.result()
}
