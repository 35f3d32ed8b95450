/** `node supervise.mjs PROGRAM WORDS…`: runs a program that ends when our parent does. The open channel to the parent tells. */
import { spawn } from "node:child_process"

const [program, ...words] = process.argv.slice(2)
const child = spawn(program, words, { stdio: "inherit" })
process.on("disconnect", () => child.kill("SIGKILL"))
child.on("error", () => process.exit(127))
child.on("exit", (code) => process.exit(code ?? 1))
