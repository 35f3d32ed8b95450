/** The vendors' clients, and those that others make of them. */
export * from "./vendors.ts"
export { createAnthropic } from "@ai-sdk/anthropic"
export { createGoogleGenerativeAI } from "@ai-sdk/google"
export { createOpenAI } from "@ai-sdk/openai"
export { createOpenAICompatible } from "@ai-sdk/openai-compatible"
export { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages"
export { ChatOpenAI } from "@langchain/openai"
export * as ai from "ai"
