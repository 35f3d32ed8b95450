import type { ImagePart } from "../chat/part.ts"
import { imageSize, type ImageSize } from "./image-size.ts"

/** How a vendor counts a picture. */
export type ImageCount = (image: ImagePart) => number

/** A picture whose measures are not known: of middle size. */
const SIZE_UNKNOWN: ImageSize = { width: 1_024, height: 1_024 }
const EDGE_MAX = 1_568
const PIXELS_PER_TOKEN = 750
const PIXELS_MAX = 1_600 * PIXELS_PER_TOKEN

/** Anthropic's vision guide: width × height / 750, within 1,568 pixels to an edge and about 1,600 tokens. */
export const anthropicImageTokens: ImageCount = (image) => {
  const { width, height } = within(sizeOf(image), EDGE_MAX)
  return Math.ceil(Math.min(width * height, PIXELS_MAX) / PIXELS_PER_TOKEN)
}

/**
 * OpenAI's vision guide, tiles of 512 pixels: within 2,048 pixels, then the shorter edge to 768; `low` is the base alone. The base and
 * the tile are those of the model.
 */
export const openaiImageTokens =
  (base: number, tile: number): ImageCount =>
  (image) => {
    if (image.detail === "low") return base
    const fitted = within(sizeOf(image), 2_048)
    const scale = Math.min(1, 768 / Math.min(fitted.width, fitted.height))
    return base + tile * Math.ceil((fitted.width * scale) / 512) * Math.ceil((fitted.height * scale) / 512)
  }

const sizeOf = ({ media }: ImagePart): ImageSize => {
  const size = media.kind === "base64" ? imageSize(media.data) : null
  return size === null || size.width === 0 || size.height === 0 ? SIZE_UNKNOWN : size
}

function within({ width, height }: ImageSize, edge: number): ImageSize {
  const scale = Math.min(1, edge / Math.max(width, height))
  return { width: width * scale, height: height * scale }
}
