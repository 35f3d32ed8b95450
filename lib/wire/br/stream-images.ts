import type { AnswerPart } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { textOf } from "./decode-answer.ts"

/** More than any model paints: 4096 × 4096 as PNG has some 30 MB. */
const IMAGE_BYTES_MAX = 48 * 1024 * 1024

type OpenImage = { readonly format: string; readonly pieces: Buffer[]; bytes: number }

/**
 * Pictures of a stream, which come in pieces (API reference, ImageBlockStart and ImageBlockDelta): clients of other dialects get each when it
 * is whole (W-67). Pieces are base64 of their own, so that they are joined as bytes.
 */
export function createStreamImages() {
  const open = new Map<unknown, OpenImage>()
  return {
    open(index: unknown, { format }: Fields): void {
      open.set(index, { format: textOf(format) || "png", pieces: [], bytes: 0 })
    },
    /** False: it is larger than any may be. */
    grow(index: unknown, { source }: Fields): boolean {
      const image = open.get(index)
      const piece = isRecord(source) ? source["bytes"] : undefined
      if (image === undefined || typeof piece !== "string") return true
      const bytes = Buffer.from(piece, "base64")
      image.bytes += bytes.length
      image.pieces.push(bytes)
      return image.bytes <= IMAGE_BYTES_MAX
    },
    /** The picture whose block ends here; null: the block is none. */
    close(index: unknown): AnswerPart | null {
      const image = open.get(index)
      open.delete(index)
      if (image === undefined || image.bytes === 0) return null
      return { kind: "image", media: { kind: "base64", mediaType: `image/${image.format}`, data: Buffer.concat(image.pieces, image.bytes).toString("base64") } }
    },
  }
}
