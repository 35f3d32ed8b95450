/** One line of CSV (RFC 4180). Absent values are empty fields. */
export function csvLine(values: readonly (string | number | bigint | null)[]): string {
  return `${values.map(csvField).join(",")}\r\n`
}

/**
 * Quoted where that is needed. What a spreadsheet would run as a formula begins with an apostrophe instead: names come from people
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function csvField(value: string | number | bigint | null): string {
  if (value === null) return ""
  if (typeof value !== "string") return value.toString()
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) && !/^-?[\d.]+$/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
