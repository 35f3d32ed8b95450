/**
 * A request as Claude Code 2.1 sends it, shortened: the members and their order as observed (WIRE.md, W-130), the words ours.
 */
export const claudeCodeRequest = (model = "glm-5.3") => ({
  model,
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "<system-reminder>\nThe date is 2026-11-25.\n</system-reminder>" },
        { type: "text", text: "Fix the typo in notes.txt", cache_control: { type: "ephemeral" } },
      ],
    },
    { role: "system", content: "<system-reminder>Plan mode is off.</system-reminder>" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "", signature: "EqQBCgIYAhIM+/=" },
        { type: "text", text: "I read it first." },
        { type: "tool_use", id: "toolu_01", name: "Read", input: { file_path: "/tmp/notes.txt" } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_01", content: "1\tteh end", is_error: false, cache_control: { type: "ephemeral", ttl: "1h" } }] },
  ],
  system: [
    { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.0; cch=4f0a1;" },
    { type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral" } },
    { type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } },
  ],
  tools: [
    {
      name: "Read",
      description: "Reads a file.",
      input_schema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: { file_path: { type: "string", pattern: "^/" }, limit: { type: "integer", exclusiveMinimum: 0 } },
        required: ["file_path"],
        additionalProperties: false,
      },
    },
    { name: "Later", description: "Rarely used.", input_schema: { type: "object", properties: {} }, defer_loading: true },
  ],
  metadata: { user_id: '{"device_id":"d0","account_uuid":"","session_id":"5b1c"}' },
  max_tokens: 32_000,
  thinking: { type: "adaptive", display: "summarized" },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  output_config: { effort: "medium" },
  stream: true,
})
