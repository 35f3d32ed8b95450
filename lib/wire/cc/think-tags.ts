/** A piece of an answer's content: thinking, or what the answer says. */
export type Thought = { readonly thinking: boolean; readonly text: string }

const OPEN = "<think>"
const CLOSE = "</think>"

export type ThinkTags = {
  push(text: string): readonly Thought[]
  /** What was held back until it was known not to be a tag. */
  end(): readonly Thought[]
}

/**
 * Thinking that stands in the content between `<think>` tags (MiniMax, Groq's raw format, open models without a reasoning parser;
 * W-52). Only tags that an answer begins with are some: later ones are what the answer says. Linear: text is passed on at once, save
 * for an end that may be the beginning of a tag.
 */
export function createThinkTags(): ThinkTags {
  let state: "start" | "opened" | "thinking" | "behind" | "text" = "start"
  let held = ""

  function start(): readonly Thought[] {
    const text = held.trimStart()
    if (text.startsWith(OPEN)) {
      state = "opened"
      held = text.slice(OPEN.length)
      return opened()
    }
    if (OPEN.startsWith(text)) return []
    state = "text"
    return release(false)
  }

  /** The line break behind the tag belongs to it. */
  function opened(): readonly Thought[] {
    if (held === "") return []
    state = "thinking"
    if (held.startsWith("\n")) held = held.slice(1)
    return thinking()
  }

  function thinking(): readonly Thought[] {
    const at = held.indexOf(CLOSE)
    if (at === -1) {
      const kept = beginningOf(CLOSE, held)
      const text = held.slice(0, held.length - kept)
      held = held.slice(held.length - kept)
      return text === "" ? [] : [{ thinking: true, text }]
    }
    const thought = held.slice(0, at)
    held = held.slice(at + CLOSE.length)
    state = "behind"
    const said = behind()
    return thought === "" ? said : [{ thinking: true, text: thought }, ...said]
  }

  /** The blank lines behind the tag belong to it. */
  function behind(): readonly Thought[] {
    held = held.trimStart()
    if (held === "") return []
    state = "text"
    return release(false)
  }

  function release(isThinking: boolean): readonly Thought[] {
    const text = held
    held = ""
    return text === "" ? [] : [{ thinking: isThinking, text }]
  }

  const steps = { start, opened, thinking, behind } as const

  return {
    push(text) {
      if (state === "text") return [{ thinking: false, text }]
      held += text
      return steps[state]()
    },
    end: () => release(state === "thinking"),
  }
}

/** How many characters at the end of a text are the beginning of a tag. */
function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) if (text.endsWith(tag.slice(0, length))) return length
  return 0
}
