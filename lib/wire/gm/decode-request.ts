import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import type { Part } from "../chat/part.ts"
import type { ChatRequest, Turn } from "../chat/request.ts"
import { type Fields, invalid, isRecord } from "../request-fields.ts"
import { decodeGeneration, decodeReasoning, generationOf, unknownGeneration } from "./decode-generation.ts"
import { createOpenCalls, decodePart, type OpenCalls } from "./decode-parts.ts"
import { decodeToolChoice, decodeTools } from "./decode-tools.ts"
import { listOf, member, snakeOf } from "./fields.ts"

const known: ReadonlySet<string> = new Set(["model", "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "serviceTier"].flatMap((name) => [name, snakeOf(name)]))

/** Reads a generateContent request (https://ai.google.dev/api/generate-content) for a target of another dialect. */
export function decodeGmRequest({ fields }: Call): Result<ChatRequest, GatewayError> {
  const calls = createOpenCalls()
  const turns: Turn[] = []
  const instruction = member(fields, "systemInstruction")
  if (instruction !== undefined) {
    const system = decodeContent(typeof instruction === "string" ? { parts: [{ text: instruction }] } : instruction, "systemInstruction", "system", calls)
    if (!system.ok) return system
    turns.push({ role: "system", parts: system.value })
  }
  for (const [index, content] of listOf(fields["contents"]).entries()) {
    const path = `contents[${index}]`
    const parts = decodeContent(content, path, String(index), calls)
    if (!parts.ok) return parts
    const role = (content as Fields)["role"]
    // Without a role it is the user who speaks; `function` is the older word for whoever brings a result (Content reference).
    if (role !== undefined && role !== null && !roles.includes(role as string)) return invalid(`${path}.role`, `${path}.role: must be user or model.`)
    turns.push({ role: role === "model" ? "assistant" : role === "system" ? "system" : "user", parts: parts.value })
  }
  const config = generationOf(fields)
  return ok({
    turns: joinPieces(turns),
    tools: decodeTools(fields),
    toolChoice: decodeToolChoice(fields),
    parallelTools: null,
    generation: decodeGeneration(config),
    reasoning: decodeReasoning(config),
    user: null,
    serviceTier: tierOf(member(fields, "serviceTier")),
    unknown: [...Object.keys(fields).filter((name) => !known.has(name) && fields[name] !== null), ...unknownGeneration(config)],
  })
}

/** What Google calls standard is the others' default (service tiers of both). */
const tierOf = (tier: unknown): string | null => (tier === "standard" ? "default" : tier === "flex" || tier === "priority" ? tier : null)

/**
 * An answer that came as a stream comes back in its pieces, each a content of its own (Google's own chat client does so). They are one
 * turn again, and pieces of one thought or text are one part, so that its signature stands on all of it (W-54).
 */
function joinPieces(turns: readonly Turn[]): readonly Turn[] {
  const joined: { readonly role: Turn["role"]; readonly parts: Part[] }[] = []
  for (const { role, parts } of turns) {
    const last = joined.at(-1)
    if (role === "assistant" && last?.role === "assistant") for (const part of parts) last.parts.push(part)
    else joined.push({ role, parts: [...parts] })
  }
  return joined.map((turn) => (turn.role === "assistant" ? { ...turn, parts: joinParts(turn.parts) } : turn))
}

function joinParts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const continues = (part.kind === "text" || part.kind === "reasoning") && last?.kind === part.kind && last.signature === undefined
    if (continues) joined[joined.length - 1] = { ...last, text: last.text + part.text, ...(part.signature !== undefined && { signature: part.signature }) }
    else joined.push(part)
  }
  return joined
}

const roles: readonly string[] = ["user", "model", "function", "tool", "system", ""]

function decodeContent(content: unknown, path: string, place: string, calls: OpenCalls): Result<readonly Part[], GatewayError> {
  if (!isRecord(content)) return invalid(path, `${path}: must be an object with parts.`)
  // Google's clients send a single part also without its list.
  const given = isRecord(content["parts"]) ? [content["parts"]] : listOf(content["parts"])
  const parts: Part[] = []
  for (const [index, part] of given.entries()) {
    const at = `${path}.parts[${index}]`
    if (!isRecord(part)) return invalid(at, `${at}: must be an object.`)
    const decoded = decodePart(part, at, `${place}_${index}`, calls)
    if (decoded === null) continue
    if (!("kind" in decoded)) return invalid(decoded.path, `${decoded.path}: ${decoded.message}.`)
    parts.push(decoded)
  }
  return ok(parts)
}
