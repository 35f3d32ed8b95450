const SLUG_CHARACTERS_MAX = 40

/**
 * A name as it stands in a path: `"Acme & Co."` → `"acme-co"`. Accents are dropped; a name without Latin letters or digits (`智谱`)
 * becomes `fallback`.
 */
export function slugOf(name: string, fallback: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_CHARACTERS_MAX)
    .replace(/^-+|-+$/g, "")
  return slug === "" ? fallback : slug
}
