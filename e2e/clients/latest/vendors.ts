/** The vendors' own clients, so that they are looked for in this folder's `node_modules`. */
export { default as Anthropic } from "@anthropic-ai/sdk"
export { ApiError, type Content, FunctionCallingConfigMode, type GenerateContentResponse, GoogleGenAI, type Part } from "@google/genai"
export { default as OpenAI, toFile } from "openai"
export { zodTextFormat } from "openai/helpers/zod"
