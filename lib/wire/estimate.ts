/**
 * Bytes of UTF-8 per token, on average: English and code have about four characters to a token, Chinese about one and a half tokens
 * to two characters of three bytes each. Used only where a provider counts nothing (W-98), and flagged.
 */
export const BYTES_PER_TOKEN = 4
