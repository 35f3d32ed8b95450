import { connect, createServer, type AddressInfo, type Socket } from "node:net"

/** The line between the gateway processes and PostgreSQL, which can be cut, and on which notifications can get lost. */
export type DatabaseLine = {
  readonly port: number
  /** Where PostgreSQL is now. */
  to(port: number): void
  /** Breaks every connection; new ones are made at once. */
  cut(): void
  /** For so long, whatever the database says on the connections that listen for notifications is lost. */
  loseNotifications(ms: number): void
  close(): void
}

/** As the processes name their listening connections (lib/adapters/recalls.ts, changes.ts). */
const LISTENERS = /turnpike (?:recalls|changes)/

export async function openDatabaseLine(first: number): Promise<DatabaseLine> {
  let target = first
  let deafUntilMs = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1")
    let listens: boolean | null = null
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on("error", end).on("close", () => {
        sockets.delete(socket)
        end()
      })
    }
    client.on("data", (bytes) => {
      listens ??= LISTENERS.test(bytes.toString("latin1"))
      upstream.write(bytes)
    })
    upstream.on("data", (bytes) => {
      if (listens !== true || performance.now() > deafUntilMs) client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    to: (port) => void (target = port),
    cut,
    loseNotifications: (ms) => void (deafUntilMs = performance.now() + ms),
    close() {
      cut()
      server.close()
    },
  }
}
