import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import type { TokenPort } from "#lib/gateway/ports.ts"
import type { Question, Reply } from "./worker.ts"

export type TokenCounterOptions = {
  /** Prompts that wait for the thread. */
  readonly waitingMax?: number
  /** From the question to its answer, loading included. */
  readonly timeoutMs?: number
  /** A thread that nobody asks is ended, so that its vocabulary takes no memory. */
  readonly idleMs?: number
  readonly warn: (detail: string) => void
}

const WAITING_MAX = 32
const TIMEOUT_MS = 5_000
const IDLE_MS = 5 * 60_000
const MEMORY_MB_MAX = 512

type Waiting = { readonly resolve: (tokens: number | null) => void; readonly timer: NodeJS.Timeout }

/**
 * Counts tokens in a thread of its own, which is started by the first question: neither loading nor counting ever blocks the loop. Gives
 * null, and never rejects, where it cannot say in time: too many wait, the thread takes too long (it is ended then), or it died.
 */
export function createTokenCounter({ waitingMax = WAITING_MAX, timeoutMs = TIMEOUT_MS, idleMs = IDLE_MS, warn }: TokenCounterOptions): TokenPort & { close(): Promise<void> } {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let asked = 0

  const settle = (id: number, tokens: number | null): void => {
    const one = waiting.get(id)
    if (one === undefined) return
    waiting.delete(id)
    clearTimeout(one.timer)
    one.resolve(tokens)
    if (waiting.size === 0) idle = setTimeout(() => void end(), idleMs).unref()
  }

  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ended = worker
    worker = null
    for (const id of [...waiting.keys()]) settle(id, null)
    clearTimeout(idle)
    await ended?.terminate()
  }

  const start = (): Worker => {
    const started = new Worker(workerPath(), { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX }, execArgv: [] })
    started.unref()
    started.on("message", ({ id, tokens }: Reply) => settle(id, tokens))
    started.on("error", (error) => {
      warn(error.message)
      if (worker === started) void end()
    })
    return started
  }

  return {
    count(texts, encoding) {
      if (waiting.size >= waitingMax) return Promise.resolve(null)
      clearTimeout(idle)
      const id = ++asked
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          warn(`a count took longer than ${timeoutMs} ms`)
          void end()
        }, timeoutMs)
        waiting.set(id, { resolve, timer })
        try {
          worker ??= start()
          worker.postMessage({ id, encoding, texts } satisfies Question)
        } catch (error) {
          warn(error instanceof Error ? error.message : String(error))
          settle(id, null)
        }
      })
    },
    close: end,
  }
}

/** Beside this file: Node runs it as it is. */
const workerPath = (): string => join(dirname(fileURLToPath(import.meta.url)), "worker.ts")
