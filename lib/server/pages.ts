import type { Server } from "node:http"
import { fileURLToPath } from "node:url"
import type { Doors } from "./listener.ts"
import { setNodeEnvironment } from "./env.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

export type Pages = Pick<Doors, "pages" | "upgrade"> & { close(): Promise<void> }

/** Next as a request handler: what `next build` made, or in `dev` the sources, compiled as they are asked for. */
export async function openPages(options: { readonly dev: boolean; readonly host: string; readonly port: number; readonly server: Server }): Promise<Pages> {
  const { dev, host, port, server } = options
  setNodeEnvironment(dev ? "development" : "production")
  // Loaded only now: React reads NODE_ENV as it is loaded, and the other commands need no Next at all.
  const { default: next } = await import("next")
  const app = next({ dev, dir: ROOT, hostname: host, port, httpServer: server })
  await app.prepare()
  return { pages: app.getRequestHandler(), upgrade: dev ? app.getUpgradeHandler() : null, close: () => app.close() }
}
