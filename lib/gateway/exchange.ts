import type { Result } from "#lib/kernel/result.ts"

/** Lower-case names, as `node:http` gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * `tooLarge`: more than the bound, or announced as more. `noRoom`: `take` had none for a piece of it. `closed`: the client left before it
 * had sent everything.
 */
export type BodyFailure = "tooLarge" | "noRoom" | "closed"

/** A call as a mount hands it over. The core never sees Node's or Next's own objects. */
export type GatewayRequest = {
  readonly method: string
  /** Path and query as they stand in the request line: `/api/v1/generation?id=req_…`. */
  readonly path: string
  readonly headers: RequestHeaders
  /** Reads the whole body, at most `bytesMax`; called at most once. `take` is asked for room before a piece is kept. */
  body(bytesMax: number, take?: (bytes: number) => boolean): Promise<Result<Buffer, BodyFailure>>
  /** Reads the body piece by piece, in place of `body`. */
  chunks(): BodyChunks
}

/** A body as it comes. Nothing more is taken from the client than has been asked for. */
export type BodyChunks = {
  /** Null: it has ended. Asked for again only when it has answered. */
  next(): Promise<Result<Buffer | null, "closed">>
  /** What is still to come is nobody's: it is thrown away. */
  release(): void
}

/** Where an answer goes. `head` comes first, `end` last; after `onClose` has fired nothing is sent any more. */
export type Reply = {
  head(status: number, headers: Readonly<Record<string, string>>): void
  /** A string is one byte per character (latin1). False: the client is slower than we are; `onDrain` says when to go on. */
  write(bytes: Buffer | string): boolean
  end(bytes?: Buffer | string): void
  /** Instead of `end`: the connection breaks, so that nobody takes what came for a whole answer. */
  break(): void
  /** Sends a head that has no body yet, so that the client sees its answer begin. */
  flush(): void
  onDrain(listener: () => void): void
  /** The client went away before `end`. Fires at most once. */
  onClose(listener: () => void): void
}

export type Gateway = {
  /** Answers one call, whatever happens; resolves when it is settled. Never rejects. */
  handle(request: GatewayRequest, reply: Reply): Promise<void>
  /** Calls that are not settled yet. */
  inFlight(): number
  /** Ends what still runs: streams get an error event, and what they produced is settled. For the end of a drain. */
  abortAll(): void
}
