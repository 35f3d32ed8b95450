import type { BodyFailure } from "#lib/gateway/exchange.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"

/** Reads the whole body of a web Request, never holding more than `bytesMax` and one piece; `take` is asked for room before a piece is kept. */
export async function readWebBody(request: Request, bytesMax: number, take?: (bytes: number) => boolean): Promise<Result<Buffer, BodyFailure>> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return err("tooLarge")
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) return err("tooLarge")
      if (take?.(chunk.byteLength) === false) return err("noRoom")
      chunks.push(chunk)
    }
  } catch {
    return err("closed")
  }
  return ok(Buffer.concat(chunks, bytes))
}
