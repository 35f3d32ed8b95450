import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Call } from "../call.ts"
import type { OwnLane } from "../raw-lane.ts"
import { type Fields, invalid, isAbsent, parseObject, readModelAndStream } from "../request-fields.ts"
import type { ImageVariants, Work } from "../work.ts"
import { type AroundCodec, aroundCall, createAroundLane, readJsonAnswer } from "./around-lane.ts"
import { bytesOf, count, fieldsOf, known, tokensHigh, tokensLikely, wholeNumber } from "./counts.ts"
import { createEventReader } from "./event-reader.ts"
import { imageTokensHigh, imageTokensLikely, PARTIAL_IMAGE_TOKENS } from "./image-tokens.ts"

/** OpenAI takes up to 10, others fewer. */
const IMAGES_MAX = 10
const PARTIAL_IMAGES_MAX = 3
/** An image that goes in: more than any vendor counts for one (OpenAI, images and vision guide: 10,000 patches at the original detail). */
const INPUT_IMAGE_TOKENS_HIGH = 10_000
const INPUT_IMAGE_TOKENS_LIKELY = 1_000
/** DALL·E's own where the request names none (OpenAI API reference, images); GPT image models choose, and say so in their answer. */
const SIZE_DEFAULT = "1024x1024"
const QUALITY_DEFAULT = "standard"

/**
 * Images (OpenAI API reference, images). Vendors bill them by the image, where the price depends on size and quality, or by tokens that
 * the answer counts; what the price of the model names is what counts here.
 */
const answers: Pick<AroundCodec, "readAnswer" | "openStream"> = {
  readAnswer: (body, call) => readJsonAnswer(body, call, ["data"], imageUsage),
  openStream: () => createEventReader({ done: /^image_\w+\.completed$/, usageOf: (event) => imageUsage({ ...event, data: [event] }) }),
}

export const imageGenerations = createAroundLane({ operation: "images.generations", readCall: readImageCall, ...answers })

/** Edits take their images as files of a form, or as addresses in JSON. */
export const imageEdits = imagesOfForms("images.edits")
export const imageVariations = imagesOfForms("images.variations")

function imagesOfForms(operation: "images.edits" | "images.variations"): OwnLane {
  return createAroundLane({
    operation,
    readCall(body) {
      const parsed = parseObject(body)
      return parsed.ok ? imageCall(parsed.value, countOf(parsed.value["images"]) + countOf(parsed.value["image"]) + countOf(parsed.value["mask"])) : parsed
    },
    forms: {
      // Each image that goes in has its price, so all of them must have come.
      passes: false,
      readCall({ fields, files }) {
        const stranger = files.find(({ name }) => name !== "image" && name !== "mask")
        if (stranger !== undefined) return invalid(stranger.name, `${stranger.name}: only image and mask may be files here.`)
        return imageCall(fields, files.length)
      },
    },
    ...answers,
  })
}

const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : isAbsent(value) ? 0 : 1)

function readImageCall(body: Buffer): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  return imageCall(parsed.value, 0)
}

/** An image call by its fields, whether they came as JSON or as a form; `inputImages`: those that go in. */
export function imageCall(fields: Fields, inputImages: number): Result<Call, GatewayError> {
  const common = readModelAndStream({ ...fields, stream: fields["stream"] === "true" ? true : fields["stream"] === "false" ? false : fields["stream"] })
  if (!common.ok) return common
  const images = isAbsent(fields["n"]) ? 1 : wholeNumber(fields["n"])
  if (images === null || images < 1 || images > IMAGES_MAX) return invalid("n", `n: must be a whole number from 1 to ${IMAGES_MAX}.`)
  const partials = isAbsent(fields["partial_images"]) ? 0 : wholeNumber(fields["partial_images"])
  if (partials === null || partials > PARTIAL_IMAGES_MAX) return invalid("partial_images", `partial_images: must be a whole number from 0 to ${PARTIAL_IMAGES_MAX}.`)
  for (const name of ["size", "quality"]) {
    if (!isAbsent(fields[name]) && typeof fields[name] !== "string") return invalid(name, `${name}: must be a text.`)
  }
  return ok(aroundCall(common.value.model, fields, workOf(fields, { images, partials, inputImages }), common.value.streamed))
}

type Counts = { readonly images: number; readonly partials: number; readonly inputImages: number }

function workOf(fields: Fields, { images, partials, inputImages }: Counts): Work {
  const [size, quality] = [given(fields["size"]), given(fields["quality"])]
  const promptBytes = bytesOf(fields["prompt"])
  const partialTokens = partials * PARTIAL_IMAGE_TOKENS
  return {
    billedIn: ["image", "outputImage", "call"],
    counted: {},
    likely: { image: images, input: tokensLikely(promptBytes), outputImage: images * (imageTokensLikely(size, quality) + partialTokens), ...(inputImages > 0 && { inputImage: inputImages * INPUT_IMAGE_TOKENS_LIKELY }) },
    atMost: {
      inputTokens: tokensHigh(promptBytes) + inputImages * INPUT_IMAGE_TOKENS_HIGH,
      outputTokens: images * (imageTokensHigh(size, quality) + partialTokens),
      units: ["input", "cacheRead", "output", "outputImage", ...(inputImages > 0 ? (["inputImage"] as const) : [])],
      each: { image: images },
    },
    images: variantsOf(fields),
  }
}

/** What was asked for by its own name; null where the provider chooses. */
const given = (value: unknown): string | null => (typeof value === "string" && value !== "" && value !== "auto" ? value : null)

function variantsOf({ size, quality }: Fields): ImageVariants {
  const exact = given(size) !== null && given(quality) !== null
  if (size === "auto" || quality === "auto") return { asked: [], exact, param: size === "auto" ? "size" : "quality" }
  const named = given(size) ?? SIZE_DEFAULT
  return { asked: [`${named}/${given(quality) ?? QUALITY_DEFAULT}`, named], exact, param: given(quality) === null ? "quality" : "size" }
}

/** The images that came, and the tokens of models that count them: text and image apart on both sides. */
function imageUsage(answer: Fields): Usage | null {
  const { data, size, quality } = answer
  const image = Array.isArray(data) ? data.length : 0
  const usage = fieldsOf(answer["usage"])
  const input = count(usage["input_tokens"])
  const output = count(usage["output_tokens"])
  const inputDetails = fieldsOf(usage["input_tokens_details"])
  const inputImage = count(inputDetails["image_tokens"])
  const cacheRead = count(inputDetails["cached_tokens"])
  const outputText = count(fieldsOf(usage["output_tokens_details"])["text_tokens"])
  return {
    image,
    ...(typeof size === "string" && typeof quality === "string" && { images: { [`${size}/${quality}`.slice(0, 100)]: image } }),
    ...known("input", input === undefined ? undefined : Math.max(0, input - (inputImage ?? 0) - (cacheRead ?? 0))),
    ...known("inputImage", inputImage),
    ...known("cacheRead", cacheRead),
    ...known("output", outputText),
    ...known("outputImage", output === undefined ? undefined : Math.max(0, output - (outputText ?? 0))),
  }
}
