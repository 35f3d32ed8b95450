import type { GatewayRequest } from "./exchange.ts"

/** A body that announces no more than this is read from anybody, and is not counted: ten thousand of them are 640 MB. */
const SMALL_BYTES_MAX = 64 * 1024
/** One organization's part of the room, so that the others can call while it sends as much as it can. */
const PART_OF_ONE = 2

/** Whether a body is small by its own announcement; one that comes in chunks may be of any size. */
export function isSmallBody({ headers }: Pick<GatewayRequest, "headers">): boolean {
  const announced = headers["content-length"]
  return announced === undefined ? headers["transfer-encoding"] === undefined : Number(announced) <= SMALL_BYTES_MAX
}

/** What one call takes of the room. */
export type BodyShare = {
  /** False: there is no room for so many bytes more, and nothing was taken. */
  take(bytes: number): boolean
  /** Gives everything back. */
  close(): void
}

/**
 * The memory that large bodies may take, all of them together: each is held until its call is over, so that it can be sent to another
 * channel, and without a bound a few hundred uploads end the process.
 */
export function createBodyRoom(bytesMax: number) {
  let taken = 0
  const takenBy = new Map<string, number>()

  const add = (organizationId: string, bytes: number): void => {
    const left = (takenBy.get(organizationId) ?? 0) + bytes
    taken += bytes
    if (left === 0) takenBy.delete(organizationId)
    else takenBy.set(organizationId, left)
  }

  return {
    shareOf(organizationId: string): BodyShare {
      let mine = 0
      return {
        take(bytes) {
          const theirs = takenBy.get(organizationId) ?? 0
          if (taken + bytes > bytesMax || theirs + bytes > bytesMax / PART_OF_ONE) return false
          add(organizationId, bytes)
          mine += bytes
          return true
        },
        close() {
          add(organizationId, -mine)
          mine = 0
        },
      }
    },
  }
}
