import type { OwnLane } from "../raw-lane.ts"
import { embeddings } from "./embeddings.ts"
import { moderations } from "./moderations.ts"
import type { AroundOperation } from "./operations.ts"
import { rerank } from "./rerank.ts"

/** How each operation around chat passes. */
export const aroundLanes = { embeddings, moderations, rerank } as const satisfies Partial<Record<AroundOperation, OwnLane>>

export type ServedOperation = keyof typeof aroundLanes

export const servedOperations = Object.keys(aroundLanes) as readonly ServedOperation[]
