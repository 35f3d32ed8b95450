import { expect, test } from "vitest"
import { sandboxReceipt } from "./sandbox-receipt.ts"

test("the lines of the receipt on the front page add up to its total", () => {
  const receipt = sandboxReceipt()
  expect(receipt?.lines.map((line) => line.unit)).toEqual(["input", "output"])
  expect(receipt?.lines.reduce((sum, line) => sum + line.amountNanoUsd, 0n)).toBe(receipt?.totalNanoUsd)
  expect(receipt?.totalNanoUsd).toBeGreaterThan(0n)
})
