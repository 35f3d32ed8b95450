/** The page of a model. Names may hold slashes (`openai/gpt-oss-120b`), which are segments of the path. */
export const modelHref = (name: string): string => `/operator/models/${name.split("/").map(encodeURIComponent).join("/")}`

/** The inverse, from a catch-all's segments as Next hands them over (still encoded). */
export const modelOfSegments = (segments: readonly string[]): string => segments.map(decodeURIComponent).join("/")
