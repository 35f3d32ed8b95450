import { amLane } from "./am/lane.ts"
import { ccLane } from "./cc/lane.ts"
import type { Dialect } from "./dialect.ts"
import type { RawLane } from "./raw-lane.ts"

/** The dialects that clients may speak. */
export const lanes = { cc: ccLane, am: amLane } as const satisfies Partial<Record<Dialect, RawLane>>

export type ClientDialect = keyof typeof lanes
