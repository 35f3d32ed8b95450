/** What a step came to. `problems` and `skipped` are lines for a person. */
export type Count = { readonly passed: number; readonly failed: number; readonly skipped: readonly string[]; readonly problems: readonly string[] }

export const noCount: Count = { passed: 0, failed: 0, skipped: [], problems: [] }

export function addCounts(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped], problems: [...a.problems, ...b.problems] }
}

/** A check that passes or fails as one, such as the type checker. */
export function countCheck(name: string, status: number | null): Count {
  return status === 0 ? { ...noCount, passed: 1 } : { ...noCount, failed: 1, problems: [`${name} failed`] }
}

type VitestReport = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Counts vitest's JSON report. A file that did not load is a failure, and so is an exit without any failed test (an unhandled error). */
export function countVitest(name: string, report: VitestReport | null, status: number | null): Count {
  if (report === null) return { ...noCount, failed: 1, problems: [`${name} gave no report (exit ${status})`] }
  const cases = report.testResults.flatMap((file) => file.assertionResults.map((result) => ({ ...result, title: `${relative(file.name)}: ${result.fullName}` })))
  const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.every((result) => result.status !== "failed"))
  const failed = cases.filter((result) => result.status === "failed")
  const problems = [...failed.map((result) => result.title), ...broken.map((file) => `${relative(file.name)}: ${firstLine(file.message)}`)]
  if (problems.length === 0 && status !== 0) problems.push(`${name} exited with ${status}`)
  const passed = cases.filter((result) => result.status === "passed").length
  if (passed === 0 && problems.length === 0) problems.push(`${name} ran no test`)
  return { passed, failed: problems.length, skipped: cases.filter((result) => !["passed", "failed"].includes(result.status)).map((result) => result.title), problems }
}

type PlaywrightSuite = {
  readonly title: string
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: readonly { readonly title: string; readonly file: string; readonly tests: readonly { readonly status: "expected" | "unexpected" | "flaky" | "skipped" }[] }[]
}
type PlaywrightReport = { readonly suites: readonly PlaywrightSuite[]; readonly errors?: readonly { readonly message?: string }[] }

/** Counts Playwright's JSON report. A flaky test is a failed one. */
export function countPlaywright(name: string, report: PlaywrightReport | null, status: number | null): Count {
  if (report === null) return { ...noCount, failed: 1, problems: [`${name} gave no report (exit ${status})`] }
  const tests = report.suites.flatMap(flatten)
  const problems = [
    ...tests.filter((test) => test.status === "unexpected" || test.status === "flaky").map((test) => test.title),
    ...(report.errors ?? []).map((error) => firstLine(error.message)),
  ]
  if (problems.length === 0 && status !== 0) problems.push(`${name} exited with ${status}`)
  const passed = tests.filter((test) => test.status === "expected").length
  if (passed === 0 && problems.length === 0) problems.push(`${name} ran no test`)
  return { passed, failed: problems.length, skipped: tests.filter((test) => test.status === "skipped").map((test) => test.title), problems }
}

function flatten(suite: PlaywrightSuite): readonly { readonly title: string; readonly status: string }[] {
  const own = (suite.specs ?? []).flatMap((spec) => spec.tests.map((test) => ({ title: `${spec.file}: ${spec.title}`, status: test.status })))
  return [...own, ...(suite.suites ?? []).flatMap(flatten)]
}

const firstLine = (text: string | undefined): string => (text ?? "an error without a message").split("\n")[0]!
const relative = (path: string): string => (path.startsWith(process.cwd()) ? path.slice(process.cwd().length + 1) : path)
