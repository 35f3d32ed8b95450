export const snippetKinds = ["curl", "python", "javascript", "claudeCode"] as const
export type SnippetKind = (typeof snippetKinds)[number]

export type SnippetInput = {
  /** Origin of this installation, without a slash at its end. */
  readonly origin: string
  readonly model: string
  /** What the model is asked. */
  readonly prompt: string
  /** A key that was just made; without one the snippets read `TURNPIKE_KEY` from the environment. */
  readonly secret?: string
}

/** The first call, as it can be pasted: into a shell, into programs that use OpenAI's own packages, and before Claude Code's start. */
export function snippets({ origin, model, prompt, secret }: SnippetInput): Record<SnippetKind, string> {
  const base = `${origin}/api/v1`
  const text = JSON.stringify
  const body = ["{", `    "model": ${text(model)},`, `    "messages": [{"role": "user", "content": ${text(prompt)}}]`, "  }"].join("\n")
  return {
    curl: [
      `curl ${base}/chat/completions \\`,
      `  -H "Authorization: Bearer ${secret ?? "$TURNPIKE_KEY"}" \\`,
      `  -H "Content-Type: application/json" \\`,
      `  -d ${quoted(body)}`,
    ].join("\n"),
    python: [
      ...(secret === undefined ? ["import os"] : []),
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url=${text(base)}, api_key=${secret === undefined ? 'os.environ["TURNPIKE_KEY"]' : text(secret)})`,
      "",
      "answer = client.chat.completions.create(",
      `    model=${text(model)},`,
      `    messages=[{"role": "user", "content": ${text(prompt)}}],`,
      ")",
      "print(answer.choices[0].message.content)",
    ].join("\n"),
    javascript: [
      'import OpenAI from "openai"',
      "",
      `const client = new OpenAI({ baseURL: ${text(base)}, apiKey: ${secret === undefined ? "process.env.TURNPIKE_KEY" : text(secret)} })`,
      "",
      "const answer = await client.chat.completions.create({",
      `  model: ${text(model)},`,
      `  messages: [{ role: "user", content: ${text(prompt)} }],`,
      "})",
      "console.log(answer.choices[0].message.content)",
    ].join("\n"),
    // Claude Code appends /v1/messages itself. Its small calls (titles, searches) go to the model that it calls Haiku.
    claudeCode: [
      `export ANTHROPIC_BASE_URL=${quoted(`${origin}/api`)}`,
      `export ANTHROPIC_AUTH_TOKEN=${secret === undefined ? '"$TURNPIKE_KEY"' : quoted(secret)}`,
      `export ANTHROPIC_MODEL=${quoted(model)}`,
      `export ANTHROPIC_DEFAULT_HAIKU_MODEL=${quoted(model)}`,
      "claude",
    ].join("\n"),
  }
}

/** A text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
