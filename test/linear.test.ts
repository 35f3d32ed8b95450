import { expect, test } from "vitest"
import { expectLinear } from "./linear.ts"

/** So much work for each of `steps` that it can be measured. */
function spend(steps: number): number {
  let sum = 0
  for (let step = 0; step < steps * 400; step++) sum = (sum + Math.imul(step, 31)) | 0
  return sum
}

test("work in proportion to its size passes, and work in proportion to its square does not", async () => {
  await expectLinear((size) => spend(size), 4_000)
  await expect(expectLinear((size) => spend(size * size), 80)).rejects.toThrow("8 times the size")
})
