/** What is installed on demand, in the version that the tests were written with. docs/agents.md names them. */
export const versions = {
  "Claude Code": "2.1.332",
  Codex: "0.169.0",
  "Gemini CLI": "0.61.0",
  opencode: "1.18.33",
  "OpenAI's package for Python": "3.57.0",
} as const
