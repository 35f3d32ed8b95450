/** What a part of the process is doing. */
export type PartState = "starting" | "ready" | "failed" | "stopping"

export type HealthReport = {
  /** `impaired`: it was ready, and a part without which no request can be answered has failed. */
  readonly status: "starting" | "ready" | "impaired" | "draining"
  readonly parts: Readonly<Record<string, PartState>>
}

/**
 * The state of the process, for `GET /api/health` and for the listener's doors. Parts are `listener`, `database`, `pages` and the
 * workers by name.
 */
export type Health = {
  set(part: string, state: PartState): void
  /**
   * A part that is asked at each report. One that is not vital may fail without a 503: while the database is away the gateway still
   * answers from its leases, and a balancer that dropped every process at once would turn that into an outage.
   */
  probe(part: string, vital: boolean, ask: () => PartState): void
  /** From now on the process is draining, whatever its parts do. */
  drain(): void
  /** Requests may come in: everything was ready once, and the drain has not begun. */
  isOpen(): boolean
  open(): void
  report(): HealthReport
}

export function createHealth(): Health {
  const states = new Map<string, PartState>()
  const probes = new Map<string, { readonly vital: boolean; readonly ask: () => PartState }>()
  let phase: "starting" | "open" | "draining" = "starting"
  return {
    set: (part, state) => void states.set(part, state),
    probe: (part, vital, ask) => void probes.set(part, { vital, ask }),
    drain() {
      phase = "draining"
    },
    isOpen: () => phase === "open",
    open() {
      phase = "open"
    },
    report() {
      const probed = [...probes].map(([part, { vital, ask }]) => ({ part, vital, state: ask() }))
      const parts = Object.fromEntries([...states, ...probed.map(({ part, state }) => [part, state] as const)])
      const impaired = probed.some(({ vital, state }) => vital && state !== "ready")
      return { status: phase !== "open" ? phase : impaired ? "impaired" : "ready", parts }
    },
  }
}
