import { expect, test } from "vitest"
import { createBag } from "./bag.ts"

const item = (name: string) => ({ name, place: -1 })

test("a bag holds what was added and not removed, whatever the order", () => {
  const bag = createBag<ReturnType<typeof item>>()
  const [a, b, c, d] = [item("a"), item("b"), item("c"), item("d")] as const
  for (const one of [a, b, c, d]) bag.add(one)
  bag.remove(b)
  bag.remove(d)
  bag.add(b)
  bag.remove(a)
  expect(bag.all().map(({ name }) => name).sort()).toEqual(["b", "c"])
  expect(bag.size).toBe(2)
})

test("what is not in a bag is removed without effect, and twice as well", () => {
  const bag = createBag<ReturnType<typeof item>>()
  const [inside, outside] = [item("inside"), item("outside")]
  bag.add(inside)
  bag.remove(outside)
  expect(bag.all()).toEqual([inside])
  bag.remove(inside)
  bag.remove(inside)
  expect(bag.size).toBe(0)
})

test("all may be removed while they are gone through", () => {
  const bag = createBag<ReturnType<typeof item>>()
  for (const name of ["a", "b", "c"]) bag.add(item(name))
  for (const one of bag.all()) bag.remove(one)
  expect(bag.size).toBe(0)
})
