import fc from "fast-check"
import { expect, test } from "vitest"
import { barParts } from "./bar-parts.ts"

test.each([
  [0n, 0n, 100n, 0, 0, "normal"],
  [25n, 10n, 100n, 25, 10, "normal"],
  [80n, 0n, 100n, 80, 0, "warning"],
  [80n, 40n, 100n, 80, 20, "warning"],
  [100n, 0n, 100n, 100, 0, "danger"],
  [130n, 5n, 100n, 100, 0, "danger"],
  [0n, 0n, 0n, 100, 0, "danger"],
] as const)("%d used and %d held of %d fill %d and %d percent", (used, held, limit, usedPercent, heldPercent, tone) => {
  expect(barParts(used, held, limit)).toEqual({ usedPercent, heldPercent, tone })
})

test("a bar is never fuller than full, whatever the amounts", () => {
  const amount = fc.bigInt({ min: 0n, max: 2n ** 62n })
  fc.assert(
    fc.property(amount, amount, amount, (used, held, limit) => {
      const parts = barParts(used, held, limit)
      expect(parts.usedPercent + parts.heldPercent).toBeLessThanOrEqual(100)
      expect(Math.min(parts.usedPercent, parts.heldPercent)).toBeGreaterThanOrEqual(0)
    }),
  )
})
