import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const ANSWER_MS_MAX = 120_000

/** Loaded with `--import` into every measured process: it answers `sample` over the IPC channel. */
export const probeArguments = ["--expose-gc", "--import", fileURLToPath(new URL("probe.ts", import.meta.url))]

type Answer = { readonly id: number; readonly result: unknown }
let questions = 0

/** Asks a child process over its IPC channel. */
export function ask<T>(child: ChildProcess, type: string, body: object = {}): Promise<T> {
  const id = ++questions
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      child.off("message", listen)
      child.off("exit", fail)
    }
    const listen = (message: Answer) => {
      if (message.id !== id) return
      done()
      resolve(message.result as T)
    }
    const fail = () => {
      done()
      reject(new Error(`The process asked for ${type} is gone or did not answer within ${ANSWER_MS_MAX / 1000} s`))
    }
    const timer = setTimeout(fail, ANSWER_MS_MAX)
    child.on("message", listen)
    child.once("exit", fail)
    child.send({ id, type, ...body })
  })
}

/** Answers questions of the parent process. */
export function answer(handlers: Readonly<Record<string, (body: never) => unknown>>): void {
  // Whoever asks has died: nothing of a run that was broken off stays behind.
  process.once("disconnect", () => process.exit(1))
  process.on("message", (message: { readonly id: number; readonly type: string }) => {
    const handler = handlers[message.type]
    if (handler === undefined) return
    void Promise.resolve(handler(message as never)).then((result) => process.send?.({ id: message.id, result }))
  })
}

/** Starts a script of this folder with a channel and the probe. It must answer `port` when it listens. */
export function startChild(script: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...probeArguments, fileURLToPath(new URL(script, import.meta.url)), ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGTERM")
  await exited
}
