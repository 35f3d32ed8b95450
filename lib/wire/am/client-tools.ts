import type { ToolDefinition } from "../chat/request.ts"

type Known = Pick<ToolDefinition, "description" | "parameters">

const string = (description: string) => ({ type: "string", description })

/**
 * Tools that clients run and whose schemas only Anthropic's models know by heart. Other models get them as functions with these
 * schemas (W-23), by the parameters that Anthropic documents: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use (bash tool,
 * text editor tool, memory tool). The computer tool needs a model that was trained for it and is refused.
 */
const families: readonly { readonly family: string; readonly tool: Known }[] = [
  {
    family: "bash",
    tool: {
      description: "Runs a command in a bash shell that stays open between calls.",
      parameters: { type: "object", properties: { command: string("The command to run. Needed unless restart is true."), restart: { type: "boolean", description: "True starts the shell anew." } } },
    },
  },
  {
    family: "text_editor",
    tool: {
      description: "Views and changes text files.",
      parameters: {
        type: "object",
        properties: {
          command: { type: "string", enum: ["view", "create", "str_replace", "insert"], description: "What to do." },
          path: string("The file, or for view also a folder."),
          view_range: { type: "array", items: { type: "integer" }, description: "view: the first and the last line, from 1; -1 is the end." },
          file_text: string("create: the content of the new file."),
          old_str: string("str_replace: the text to replace, exactly as it stands in the file and only once."),
          new_str: string("str_replace: what comes in its place."),
          insert_line: { type: "integer", description: "insert: the line behind which the text is inserted; 0 is the beginning." },
          insert_text: string("insert: the text."),
        },
        required: ["command", "path"],
      },
    },
  },
  {
    family: "memory",
    tool: {
      description: "Keeps notes in files below /memories that last between conversations.",
      parameters: {
        type: "object",
        properties: {
          command: { type: "string", enum: ["view", "create", "str_replace", "insert", "delete", "rename"], description: "What to do." },
          path: string("The file or folder, below /memories."),
          view_range: { type: "array", items: { type: "integer" }, description: "view: the first and the last line." },
          file_text: string("create: the content."),
          old_str: string("str_replace: the text to replace."),
          new_str: string("str_replace: what comes in its place."),
          insert_line: { type: "integer", description: "insert: the line behind which the text is inserted." },
          insert_text: string("insert: the text."),
          old_path: string("rename: what is renamed."),
          new_path: string("rename: the new name."),
        },
        required: ["command"],
      },
    },
  },
]

/** What a tool of this type (`bash_20250124`) is for models that do not know it; null: it cannot be described. */
export const knownClientTool = (type: string): Known | null => families.find(({ family }) => type.startsWith(`${family}_2`))?.tool ?? null
