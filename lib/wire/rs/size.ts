import type { CallSize } from "../call.ts"
import { isRecord, textLength } from "../request-fields.ts"

/** Counts what a request's items hold: pictures, recordings and files stand apart, since their bytes say nothing about their tokens. */
export function rsSize(bodyBytes: number, input: unknown): CallSize {
  const media = { images: 0, audioBytes: 0, fileBytes: 0, mediaBytes: 0 }
  if (Array.isArray(input)) {
    for (const item of input as readonly unknown[]) {
      if (!isRecord(item)) continue
      addParts(item["content"], media)
      addParts(item["output"], media)
    }
  }
  const { images, audioBytes, fileBytes, mediaBytes } = media
  return { textBytes: Math.max(0, bodyBytes - mediaBytes), images, audioBytes, fileBytes }
}

type Media = { images: number; audioBytes: number; fileBytes: number; mediaBytes: number }

function addParts(content: unknown, media: Media): void {
  // A computer's screenshot is one part instead of a list.
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
  for (const part of parts) {
    if (!isRecord(part)) continue
    const { type } = part
    if (type === "input_image" || type === "computer_screenshot") {
      media.images++
      media.mediaBytes += textLength(part["image_url"])
    } else if (type === "input_file") {
      const bytes = textLength(part["file_data"])
      media.fileBytes += bytes
      media.mediaBytes += bytes
    } else if (type === "input_audio" && isRecord(part["input_audio"])) {
      const bytes = textLength(part["input_audio"]["data"])
      media.audioBytes += bytes
      media.mediaBytes += bytes
    }
  }
}
