import { globSync, readFileSync } from "node:fs"
import ts from "typescript"
import { expect, test } from "vitest"

/** Attributes whose text a reader sees or hears. */
const SPOKEN = new Set(["title", "label", "placeholder", "alt", "description", "aria-label", "aria-description", "aria-valuetext", "confirmLabel", "doneMessage", "header", "content", "hint", "removeLabel", "emptyText"])
/** Operators whose sides become the text; those that compare are not among them. */
const JOINING: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.PlusToken])
const WORD = /\p{L}{2}/u

/** Texts that stand in a component instead of in messages/*.json, each with its line. */
function literals(source: string): string[] {
  const file = ts.createSourceFile("x.tsx", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const found: string[] = []
  const report = (node: ts.Node, text: string) => {
    if (WORD.test(text)) found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`)
  }
  const reportText = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) report(node, node.text)
    else if (ts.isTemplateExpression(node)) report(node, [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(" "))
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(reportText)
    else if (ts.isParenthesizedExpression(node)) reportText(node.expression)
    else if (ts.isBinaryExpression(node) && JOINING.has(node.operatorToken.kind)) [node.left, node.right].forEach(reportText)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) report(node, node.text)
    if (ts.isJsxExpression(node) && node.expression !== undefined && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) reportText(node.expression)
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer !== undefined) {
      reportText(ts.isJsxExpression(node.initializer) && node.initializer.expression !== undefined ? node.initializer.expression : node.initializer)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

test("a literal is found wherever a reader would see it", () => {
  expect(literals(`const a = <p>Hello <b>there</b></p>`)).toEqual(["1: Hello", "1: there"])
  expect(literals(`const a = <Field label="Name" title={x ? "Yes, do" : t("no")} aria-label={\`Remove \${name}\`} />`)).toEqual(["1: Name", "1: Yes, do", "1: Remove"])
  expect(literals(`const a = <p>{pending && "Saving"}{"–"}</p>`)).toEqual(["1: Saving"])
})

test("names, code and classes are not taken for one", () => {
  expect(literals(`const a = <p className="grid gap-2" role="alert">{t("title")} · {x === "live" && t("a")} %</p>`)).toEqual([])
})

test.each(globSync("{app,components}/**/*.tsx").filter((path) => !path.includes(".test.")))("%s takes its texts from the messages", (path) => {
  expect(literals(readFileSync(path, "utf8"))).toEqual([])
})
