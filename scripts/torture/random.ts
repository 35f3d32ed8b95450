/** Numbers from a seed, so that a run that found something can be run again. */
export type Random = {
  /** 0 ≤ n < below, whole. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

/** Park and Miller's generator: every seed from 1 on gives another sequence. */
export function createRandom(seed: number): Random {
  let state = (Math.abs(Math.floor(seed)) % 2_147_483_646) + 1
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return (state - 1) / 2_147_483_646
  }
  for (let i = 0; i < 10; i++) next()
  const below = (limit: number) => Math.min(limit - 1, Math.floor(next() * limit))
  return { below, chance: (probability) => next() < probability, pick: (list) => list[below(list.length)]! }
}
