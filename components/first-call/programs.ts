import { literal, type Place, shellQuoted, type Snippet } from "./place.ts"

const typescriptKey = ({ secret }: Place): string => (secret === undefined ? "process.env.TURNPIKE_KEY" : literal(secret))

export function curl(place: Place): readonly Snippet[] {
  const body = ["{", `    "model": ${literal(place.model)},`, `    "messages": [{"role": "user", "content": ${literal(place.prompt)}}]`, "  }"].join("\n")
  const authorization = place.secret === undefined ? '"Authorization: Bearer $TURNPIKE_KEY"' : `"Authorization: Bearer ${place.secret}"`
  return [
    {
      language: "sh",
      code: [`curl ${place.origin}/api/v1/chat/completions \\`, `  -H ${authorization} \\`, `  -H "Content-Type: application/json" \\`, `  -d ${shellQuoted(body)}`].join("\n"),
    },
  ]
}

export function openaiTypescript(place: Place): readonly Snippet[] {
  const lines = [
    'import OpenAI from "openai"',
    "",
    "const client = new OpenAI({",
    `  baseURL: ${literal(`${place.origin}/api/v1`)},`,
    `  apiKey: ${typescriptKey(place)},`,
    "})",
    "",
    "const answer = await client.chat.completions.create({",
    `  model: ${literal(place.model)},`,
    `  messages: [{ role: "user", content: ${literal(place.prompt)} }],`,
    "})",
    "console.log(answer.choices[0]?.message.content)",
  ]
  return [{ language: "ts", install: "npm install openai", code: lines.join("\n") }]
}

export function openaiPython(place: Place): readonly Snippet[] {
  const lines = [
    ...(place.secret === undefined ? ["import os"] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${literal(`${place.origin}/api/v1`)}, api_key=${place.secret === undefined ? 'os.environ["TURNPIKE_KEY"]' : literal(place.secret)})`,
    "",
    "answer = client.chat.completions.create(",
    `    model=${literal(place.model)},`,
    `    messages=[{"role": "user", "content": ${literal(place.prompt)}}],`,
    ")",
    "print(answer.choices[0].message.content)",
  ]
  return [{ language: "python", install: "pip install openai", code: lines.join("\n") }]
}

/** Anthropic's package appends /v1/messages itself. */
export function anthropicTypescript(place: Place): readonly Snippet[] {
  const lines = [
    'import Anthropic from "@anthropic-ai/sdk"',
    "",
    "const client = new Anthropic({",
    `  baseURL: ${literal(`${place.origin}/api`)},`,
    `  apiKey: ${typescriptKey(place)},`,
    "})",
    "",
    "const answer = await client.messages.create({",
    `  model: ${literal(place.model)},`,
    "  max_tokens: 1024,",
    `  messages: [{ role: "user", content: ${literal(place.prompt)} }],`,
    "})",
    "for (const block of answer.content) {",
    '  if (block.type === "text") console.log(block.text)',
    "}",
  ]
  return [{ language: "ts", install: "npm install @anthropic-ai/sdk", code: lines.join("\n") }]
}

/** Google's package appends its version and /models/… itself. */
export function googleTypescript(place: Place): readonly Snippet[] {
  const lines = [
    'import { GoogleGenAI } from "@google/genai"',
    "",
    "const client = new GoogleGenAI({",
    `  apiKey: ${typescriptKey(place)},`,
    `  httpOptions: { baseUrl: ${literal(`${place.origin}/api`)} },`,
    "})",
    "",
    "const answer = await client.models.generateContent({",
    `  model: ${literal(place.model)},`,
    `  contents: ${literal(place.prompt)},`,
    "})",
    "console.log(answer.text)",
  ]
  return [{ language: "ts", install: "npm install @google/genai", code: lines.join("\n") }]
}

export function vercelTypescript(place: Place): readonly Snippet[] {
  const lines = [
    'import { createOpenAICompatible } from "@ai-sdk/openai-compatible"',
    'import { generateText } from "ai"',
    "",
    "const turnpike = createOpenAICompatible({",
    '  name: "turnpike",',
    `  baseURL: ${literal(`${place.origin}/api/v1`)},`,
    `  apiKey: ${typescriptKey(place)},`,
    "})",
    "",
    "const { text } = await generateText({",
    `  model: turnpike(${literal(place.model)}),`,
    `  prompt: ${literal(place.prompt)},`,
    "})",
    "console.log(text)",
  ]
  return [{ language: "ts", install: "npm install ai @ai-sdk/openai-compatible", code: lines.join("\n") }]
}
