import { randomUUID } from "node:crypto"
import { mkdir, open, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { UploadFile, UploadFilesPort } from "#lib/gateway/ports.ts"

/** All uploads of this process that are kept at one time. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024 * 1024
const READ_BYTES = 64 * 1024

/**
 * Files for uploads that are too large for memory and cannot pass while they come. They lose their name before anything is written, so
 * that nothing of them is left behind, whatever dies: the system frees them when they are closed.
 */
export function createUploadFiles(folder: string, keptBytesMax = KEPT_BYTES_MAX): UploadFilesPort {
  let kept = 0
  return {
    async create() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const path = join(folder, randomUUID())
      const file = await open(path, "wx+", 0o600)
      await unlink(path)
      let written = 0
      let closed = false
      return {
        async append(chunk) {
          if (kept + chunk.length > keptBytesMax) throw new Error(`uploads of more than ${keptBytesMax} bytes would be kept`)
          kept += chunk.length
          written += chunk.length
          await file.write(chunk, 0, chunk.length, written - chunk.length)
        },
        async *read(start, end) {
          for (let from = start; from < end; ) {
            const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(READ_BYTES, end - from)), 0, Math.min(READ_BYTES, end - from), from)
            if (bytesRead === 0) throw new Error("an upload's file is shorter than what was written")
            from += bytesRead
            yield buffer.subarray(0, bytesRead)
          }
        },
        close() {
          if (closed) return
          closed = true
          kept -= written
          void file.close()
        },
      } satisfies UploadFile
    },
  }
}
