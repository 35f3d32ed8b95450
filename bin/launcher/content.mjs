import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const TEST = /\.test\.tsx?$/

/** One hash over the names and contents of files and whole folders below `root`; tests and what is absent do not count. */
export function hashContent(root, paths) {
  const hash = createHash("sha256")
  for (const path of paths.flatMap((path) => filesAt(root, path)).sort()) {
    hash.update(`${path}\0`)
    hash.update(createHash("sha256").update(readFileSync(join(root, path))).digest())
  }
  return hash.digest("hex")
}

function filesAt(root, path) {
  let entries
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true })
  } catch (error) {
    if (error.code === "ENOTDIR") return [path]
    if (error.code === "ENOENT") return []
    throw error
  }
  return entries.flatMap((entry) => {
    const below = `${path}/${entry.name}`
    if (entry.isDirectory()) return filesAt(root, below)
    return TEST.test(entry.name) ? [] : [below]
  })
}
