import { describe, expect, it } from "vitest"
import { atEndOfTurn } from "./turn.ts"

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

describe("atEndOfTurn", () => {
  it("runs what it was given in that order, behind the promises of the same turn", async () => {
    const done: string[] = []
    atEndOfTurn(() => done.push("first"))
    atEndOfTurn(() => done.push("second"))
    await Promise.resolve()
    done.push("promise")
    await nextTurn()
    expect(done).toEqual(["promise", "first", "second"])
  })

  it("runs what is given while it runs in the turn behind it", async () => {
    const done: string[] = []
    atEndOfTurn(() => {
      done.push("outer")
      atEndOfTurn(() => done.push("inner"))
    })
    await nextTurn()
    expect(done).toEqual(["outer"])
    await nextTurn()
    expect(done).toEqual(["outer", "inner"])
  })
})
