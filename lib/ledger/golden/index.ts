import { anthropic } from "./anthropic.ts"
import { chinese } from "./chinese.ts"
import type { Example } from "./example.ts"
import { googleAndXai } from "./google-xai.ts"
import { house } from "./house.ts"
import { openai } from "./openai.ts"
import { others } from "./others.ts"

/** Worked examples of what requests cost, over all vendors: the golden table of golden.test.ts. */
export const goldenTable: readonly Example[] = [...openai, ...anthropic, ...googleAndXai, ...chinese, ...others, ...house]
