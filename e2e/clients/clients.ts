import { vercelAi } from "./ai.ts"
import { anthropic } from "./anthropic.ts"
import { google } from "./google.ts"
import { langchain } from "./langchain.ts"
import * as latest from "./latest/packages.ts"
import { openaiChat, openaiResponses } from "./openai.ts"
import * as previous from "./previous/packages.ts"
import type { Door, Talker } from "./talker.ts"

/** The older major is driven by the same words: what its types say otherwise, no case of the matrix meets. */
const packagesOf = { latest, previous: previous as unknown as typeof latest } as const satisfies Record<Door["major"], unknown>

export const majors = ["latest", "previous"] as const satisfies readonly Door["major"][]

/** Every client of one major, calling at one door. */
export function clientsAt(door: Door): readonly Talker[] {
  const packages = packagesOf[door.major]
  return [openaiChat(packages, door), openaiResponses(packages, door), anthropic(packages, door), google(packages, door), ...vercelAi(packages, door), ...langchain(packages, door)]
}
