import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { envShape, readEnv } from "./env.ts"

test("nothing set is a whole installation on the loopback", () => {
  expect(readEnv({})).toMatchObject({ PORT: 3000, HOST: "127.0.0.1", home: resolve(".turnpike"), TURNPIKE_MOUNT: "fast", TURNPIKE_SIGNUP: "invitation" })
})

test("an empty variable counts as absent", () => {
  expect(readEnv({ PORT: "", DATABASE_URL: "  ", TURNPIKE_URL: "" })).toEqual(readEnv({}))
})

test.each([
  [{ PORT: "70000" }, /PORT/],
  [{ PORT: "http" }, /PORT/],
  [{ DATABASE_URL: "mysql://a@b/c" }, /DATABASE_URL: must be a postgres:\/\/ URL/],
  [{ TURNPIKE_SECRET: "short" }, /TURNPIKE_SECRET: must have at least 32 characters/],
  [{ TURNPIKE_URL: "turnpike.example" }, /TURNPIKE_URL/],
  [{ TURNPIKE_SIGNUP: "everybody" }, /TURNPIKE_SIGNUP/],
])("a wrong value is refused by the variable's name: %j", (source, sentence) => {
  expect(() => readEnv(source)).toThrow(sentence)
})

test("every wrong variable is named, not only the first", () => {
  expect(() => readEnv({ PORT: "x", TURNPIKE_MOUNT: "x" })).toThrow(/PORT.*\n.*TURNPIKE_MOUNT/)
})

test("half a group refuses to start and names what is missing", () => {
  expect(() => readEnv({ GITHUB_ID: "id" })).toThrow("GITHUB_SECRET: must be set together with GITHUB_ID")
  expect(() => readEnv({ OIDC_ISSUER: "https://id.example" })).toThrow(/OIDC_CLIENT_ID, OIDC_CLIENT_SECRET/)
  expect(() => readEnv({ TURNPIKE_ADMIN_PASSWORD: "long enough 1" })).toThrow(/TURNPIKE_ADMIN_EMAIL/)
})

test("docs/operate.md has one row per setting, with its default and its meaning", () => {
  const rows = readFileSync(new URL("../../docs/operate.md", import.meta.url), "utf8").match(/^\| `[A-Z_]+` \|.*$/gm)
  const expected = Object.entries(envShape).map(([name, type]) => {
    const byDefault = type.safeParse(undefined)
    return `| \`${name}\` | ${byDefault.success && byDefault.data !== undefined ? `\`${String(byDefault.data)}\`` : ""} | ${type.description} |`
  })
  expect(rows).toEqual(expected)
})
