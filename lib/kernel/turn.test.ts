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

  it("runs what is given while it runs in the same turn, behind all promises that follow", async () => {
    const done: string[] = []
    setImmediate(() => done.push("what was due before"))
    atEndOfTurn(() => {
      atEndOfTurn(() => done.push("inner"))
      void Promise.resolve()
        .then(() => done.push("promise"))
        .then(() => {
          done.push("its promise")
          atEndOfTurn(() => done.push("behind its promise"))
        })
      done.push("outer")
    })
    setImmediate(() => done.push("other work of the loop"))
    await nextTurn()
    expect(done).toEqual(["what was due before", "outer", "promise", "its promise", "inner", "behind its promise", "other work of the loop"])
  })

  it("starts anew in the turns that follow", async () => {
    const done: number[] = []
    for (const turn of [1, 2, 3]) {
      atEndOfTurn(() => done.push(turn))
      await nextTurn()
    }
    expect(done).toEqual([1, 2, 3])
  })

  it("runs what stands behind work that fails, in this turn and the next", async () => {
    const failed: unknown[] = []
    const caught = (error: unknown) => failed.push(error)
    const others = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException").on("uncaughtException", caught)
    const done: string[] = []
    atEndOfTurn(() => {
      throw new Error("on purpose")
    })
    atEndOfTurn(() => done.push("behind it"))
    await nextTurn()
    atEndOfTurn(() => done.push("next turn"))
    await nextTurn()
    process.off("uncaughtException", caught)
    for (const other of others) process.on("uncaughtException", other)
    expect(failed).toEqual([new Error("on purpose")])
    expect(done).toEqual(["behind it", "next turn"])
  })
})
