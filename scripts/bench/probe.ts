import { answer } from "./child.ts"

/** CPU of the whole process since its start, in microseconds; memory in bytes. */
export type Sample = { readonly cpuMicros: number; readonly residentBytes: number; readonly liveBytes: number }

declare const gc: (() => void) | undefined

answer({
  cpu(): number {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** `live` is what stands after a collection: heap, and buffers outside of it. */
  memory(): Omit<Sample, "cpuMicros"> {
    gc?.()
    gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { residentBytes: rss, liveBytes: heapUsed + external }
  },
})
// The channel alone must not keep a server alive that has stopped.
process.channel?.unref()
