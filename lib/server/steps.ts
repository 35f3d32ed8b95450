/** Prints one line per step of a start, with its seconds. */
export type Steps = {
  /** Runs a step; `label` may depend on its result (`PostgreSQL adopted`). A failing step prints nothing: its fault does. */
  run<T>(label: string | ((result: T) => string), work: () => Promise<T> | T): Promise<T>
}

const LABEL_WIDTH = 44

export function createSteps(monotonic: () => number, print: (line: string) => void): Steps {
  return {
    async run(label, work) {
      const startedMs = monotonic()
      const result = await work()
      const seconds = (monotonic() - startedMs) / 1000
      const text = typeof label === "string" ? label : label(result)
      print(`  ${text.padEnd(LABEL_WIDTH)} ${seconds.toFixed(1)} s`)
      return result
    },
  }
}
