import { expect } from "vitest"

/** How much larger the larger of the two sizes is. */
const FACTOR = 8
/** Linear work takes `FACTOR` times as long for the larger size, quadratic work that again: the bound lies between the two. */
const GROWTH_MAX = 3 * FACTOR
/** Kernels count a thread's CPU in ticks of up to 10 ms: work is repeated until it has taken several. */
const CPU_MS_TOLD = 60

/**
 * Fails where `work` grows faster than its size. Measured is this thread's CPU, which other programs of a busy machine do not lengthen, as
 * a ratio of two sizes: no bound here is a time.
 */
export async function expectLinear(work: (size: number) => unknown, size: number): Promise<void> {
  // The larger first: by then the smaller is measured on code that is compiled.
  const large = await cpuMs(work, FACTOR * size)
  const small = await cpuMs(work, size)
  expect(large / small, `${FACTOR} times the size took ${large.toFixed(2)} ms of CPU instead of ${small.toFixed(2)} ms`).toBeLessThan(GROWTH_MAX)
}

async function cpuMs(work: (size: number) => unknown, size: number): Promise<number> {
  const before = process.threadCpuUsage()
  for (let runs = 1; ; runs++) {
    await work(size)
    const { user, system } = process.threadCpuUsage(before)
    const spentMs = (user + system) / 1_000
    if (spentMs >= CPU_MS_TOLD) return spentMs / runs
  }
}
