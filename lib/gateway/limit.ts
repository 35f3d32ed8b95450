import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Refusal } from "#lib/quota/types.ts"
import { billFor } from "./bill.ts"
import { limitReached } from "./refusal.ts"
import type { Admitted, Candidate, UpstreamStream } from "./stages.ts"

/** A stream's hold while it is relayed. */
export type LimitWatch = {
  /** After each piece; false: the upstream is to wait, or has been ended. */
  goesOn(): boolean
  /** The upstream is held back until the limits have answered. */
  readonly waiting: boolean
}

/** `isOver`: the call has ended otherwise. `reached`: the upstream has been ended by a limit; `bytes` end the client's answer as one that came to its bound on output. */
export type LimitHandlers = { readonly isOver: () => boolean; reached(error: GatewayError, bytes: string): void }

/**
 * Lets a stream grow as far as its limits do. While more has to be asked for and nothing is held ahead any more, the upstream waits; where
 * it is refused, the upstream is ended and the client's answer closed properly, with the limit's name.
 */
export function watchLimit(admitted: Admitted, candidate: Candidate, stream: UpstreamStream, { isOver, reached }: LimitHandlers): LimitWatch {
  const { growth } = admitted
  growth?.watch(candidate, stream)
  let waiting = false

  /** Whether it goes on: an answer that has come to its end by itself is not cut. */
  function decide(answer: true | Refusal): boolean {
    if (answer === true) return true
    const error = limitReached(answer, admitted.principal)
    const bytes = stream.cutShort({ limit: error.message, usage: billFor(admitted, candidate, stream.seen()).usage })
    if (bytes === null) return true
    stream.abort()
    admitted.words.push(`${candidate.target.channel.name}: ended by a limit: ${error.message}`)
    reached(error, bytes)
    return false
  }

  return {
    goesOn() {
      if (growth === null) return true
      if (waiting) return false
      const answer = growth.check()
      if (!(answer instanceof Promise)) return decide(answer)
      waiting = true
      void answer.then((granted) => {
        waiting = false
        // The client may have left meanwhile.
        if (!isOver() && decide(granted)) stream.resume()
      })
      return false
    },
    get waiting() {
      return waiting
    },
  }
}
