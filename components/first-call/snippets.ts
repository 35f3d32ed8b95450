export const snippetKinds = ["curl", "python", "javascript"] as const
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

/** The first call, as it can be pasted: into a shell, and into programs that use OpenAI's own packages. */
export function snippets({ origin, model, prompt, secret }: SnippetInput): Record<SnippetKind, string> {
  const base = `${origin}/api/v1`
  const text = JSON.stringify
  const body = ["{", `    "model": ${text(model)},`, `    "messages": [{"role": "user", "content": ${text(prompt)}}]`, "  }"].join("\n")
  return {
    curl: [
      `curl ${base}/chat/completions \\`,
      `  -H "Authorization: Bearer ${secret ?? "$TURNPIKE_KEY"}" \\`,
      `  -H "Content-Type: application/json" \\`,
      `  -d '${body.replaceAll("'", `'\\''`)}'`,
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
  }
}
