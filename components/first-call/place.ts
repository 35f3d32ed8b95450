/** Where a snippet points, as whom, and what it asks. */
export type Place = {
  /** Origin of this installation, without a slash at its end. */
  readonly origin: string
  readonly model: string
  /** What an agent's small calls go to (titles, searches); `model` where absent. */
  readonly smallModel?: string
  /** A key that was just made; without one, snippets read `TURNPIKE_KEY` from the environment. */
  readonly secret?: string
  /** What the model is asked, in programs; agents ask their user. */
  readonly prompt: string
}

/** One piece to copy. */
export type Snippet = {
  readonly language: "sh" | "python" | "ts" | "toml" | "json"
  /** The file that it is, below the reader's home: `~/.codex/config.toml`. */
  readonly file?: string
  /** What brings the packages that it imports. */
  readonly install?: string
  readonly code: string
}

/** A text as one word of a shell: bare where it can be. */
export const shellWord = (text: string): string => (/^[\w.:/@%+=,-]+$/.test(text) ? text : shellQuoted(text))

export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The key as a word of a shell. */
export const shellKey = ({ secret }: Place): string => (secret === undefined ? '"$TURNPIKE_KEY"' : shellWord(secret))

/** A text as JavaScript, Python, JSON and TOML write it: what JSON escapes, all of them read alike. */
export const literal = (text: string): string => JSON.stringify(text)
