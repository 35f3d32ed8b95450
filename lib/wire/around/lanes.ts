import type { OwnLane } from "../raw-lane.ts"
import { completions } from "./completions.ts"
import { embeddings } from "./embeddings.ts"
import { imageGenerations } from "./images.ts"
import { moderations } from "./moderations.ts"
import type { AroundOperation } from "./operations.ts"
import { rerank } from "./rerank.ts"
import { speech } from "./speech.ts"

/** How each operation around chat passes. */
export const aroundLanes = {
  completions,
  embeddings,
  moderations,
  rerank,
  "images.generations": imageGenerations,
  "audio.speech": speech,
} as const satisfies Partial<Record<AroundOperation, OwnLane>>

export type ServedOperation = keyof typeof aroundLanes

export const servedOperations = Object.keys(aroundLanes) as readonly ServedOperation[]
