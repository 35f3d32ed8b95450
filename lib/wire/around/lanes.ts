import type { OwnLane } from "../raw-lane.ts"
import { completions } from "./completions.ts"
import { embeddings } from "./embeddings.ts"
import { imageEdits, imageGenerations, imageVariations } from "./images.ts"
import { moderations } from "./moderations.ts"
import type { AroundOperation } from "./operations.ts"
import { rerank } from "./rerank.ts"
import { speech } from "./speech.ts"
import { transcriptions, translations } from "./transcriptions.ts"

/** How each operation around chat passes. */
export const aroundLanes = {
  completions,
  embeddings,
  moderations,
  rerank,
  "images.generations": imageGenerations,
  "images.edits": imageEdits,
  "images.variations": imageVariations,
  "audio.speech": speech,
  "audio.transcriptions": transcriptions,
  "audio.translations": translations,
} as const satisfies Record<AroundOperation, OwnLane>
