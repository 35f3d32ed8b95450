import { expect, test } from "vitest"
import { SchemaMismatch } from "#lib/adapters/migrations.ts"
import { explain, Fault, reportFault, withoutPassword } from "./faults.ts"

const coded = (code: string, path?: string) => Object.assign(new Error(code), { code, path })
const home = "/srv/turnpike"
const databaseUrl = "postgres://ann:hunter2@db.example:5432/books"

test.each([
  [coded("ENOSPC", "/srv/turnpike/spool/1"), /disk is full \(\/srv\/turnpike\/spool\/1\): free/],
  [coded("53100"), /disk is full/],
  [coded("EACCES", "/srv/turnpike/lock"), /home folder \/srv\/turnpike cannot be written \(\/srv\/turnpike\/lock\): .* TURNPIKE_HOME/],
  [coded("EROFS"), /cannot be written/],
  [coded("ECONNREFUSED"), /does not answer at DATABASE_URL/],
  [coded("ENOTFOUND"), /host of DATABASE_URL .* is unknown/],
  [coded("28P01"), /refuses the user or password/],
  [coded("3D000"), /does not exist: create it/],
  [coded("42501"), /may not create tables/],
  [new Error("timeout expired"), /does not answer/],
  [new SchemaMismatch("The database is newer: start the newer version."), /newer version/],
])("%s becomes one sentence with a cure", (error, sentence) => {
  const fault = explain(error, { home, databaseUrl })
  expect(fault).toBeInstanceOf(Fault)
  expect((fault as Fault).message).toMatch(sentence)
  expect((fault as Fault).message).not.toContain("\n")
})

test("no sentence shows a password", () => {
  for (const code of ["ECONNREFUSED", "28P01", "3D000", "ENOTFOUND"]) {
    expect((explain(coded(code), { home, databaseUrl }) as Fault).message).not.toContain("hunter2")
  }
  expect(withoutPassword(databaseUrl)).toBe("postgres://ann:***@db.example:5432/books")
})

test("a cause is looked for below the error, and among an aggregate's", () => {
  const aggregate = Object.assign(new AggregateError([coded("ECONNREFUSED")], ""), { code: undefined })
  expect(explain(aggregate, { home })).toBeInstanceOf(Fault)
  expect(explain(new Error("Migration x failed", { cause: coded("ENOSPC") }), { home })).toBeInstanceOf(Fault)
})

test("an unknown error keeps its stack: it is a bug", () => {
  const bug = new TypeError("x is not a function")
  expect(explain(bug, { home })).toBe(bug)
  const lines: string[] = []
  expect(reportFault(bug, (line) => lines.push(line))).toBe(1)
  expect(lines.join("\n")).toContain("faults.test.ts")
})
