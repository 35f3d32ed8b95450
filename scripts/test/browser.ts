import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { findChromium } from "../../e2e/fixtures/chromium.ts"

const INSTALL_MS_MAX = 300_000
const PACKAGES = ["chromium", "fonts-noto-cjk"]
const CJK_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"

/**
 * Makes sure that there is a Chromium, and on Debian a font for the Chinese pages: installs what is missing where it may. Returns
 * what to say; not ok: there is no browser, and the text says how to get one.
 */
export function ensureBrowser(log: (line: string) => void): { readonly ok: boolean; readonly text: string } {
  const debian = existsSync("/usr/bin/apt-get")
  const missing = [findChromium() === null, debian && !existsSync(CJK_FONT)].flatMap((absent, index) => (absent ? [PACKAGES[index]!] : []))
  if (missing.length === 0) return { ok: true, text: findChromium()! }
  if (debian && process.getuid?.() === 0) {
    for (const command of [["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", ...missing]]) {
      const { stdout, stderr } = spawnSync("apt-get", command, { encoding: "utf8", timeout: INSTALL_MS_MAX, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })
      log(`${stdout}${stderr}`.trim().split("\n").at(-1) ?? "")
    }
  }
  const found = findChromium()
  if (found !== null) return { ok: true, text: found }
  const cure = debian ? `sudo apt-get install -y ${PACKAGES.join(" ")}` : "install Chromium or Google Chrome"
  return { ok: false, text: `The browser tests need Chromium, which this machine lacks: ${cure}, then run npm test again.` }
}
