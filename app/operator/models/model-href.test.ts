import { expect, test } from "vitest"
import { modelHref, modelOfSegments } from "./model-href.ts"

test.each(["glm-5.3", "openai/gpt-oss-120b", "gpt-oss:20b", "a b?c#d", "模型/一"])("%s is found again at its address", (name) => {
  const segments = modelHref(name).replace("/operator/models/", "").split("/")
  expect(modelOfSegments(segments)).toBe(name)
})
