/** The version of Anthropic's API that calls name where their client names none (docs.anthropic.com/en/api/versioning). */
export const ANTHROPIC_VERSION = "2023-06-01"
