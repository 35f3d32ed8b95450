import { closeSync, fdatasync, mkdirSync, openSync, unlinkSync, writeSync } from "node:fs"

/** What the spool asks of the file system; tests pass one that fails. */
export type SpoolFiles = {
  makeFolder(path: string): void
  /** Opens a new file for appending; throws where it exists. */
  create(path: string): number
  /** Writes the whole text or throws. */
  append(file: number, text: string): void
  sync(file: number, done: (error: Error | null) => void): void
  close(file: number): void
  remove(path: string): void
}

export const spoolFiles: SpoolFiles = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  create: (path) => openSync(path, "ax", 0o600),
  append(file, text) {
    const written = writeSync(file, text)
    // A disk that fills up takes a part of the line and says so only at the next write.
    if (written < Buffer.byteLength(text)) throw Object.assign(new Error("no space left for the whole line"), { code: "ENOSPC" })
  },
  sync: fdatasync,
  close: closeSync,
  remove: unlinkSync,
}
