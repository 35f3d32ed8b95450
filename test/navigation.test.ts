import { globSync } from "node:fs"
import { expect, test } from "vitest"
import { type NavigationGroup, operatorNavigation, organizationNavigation } from "#components/shell/navigation.ts"

const paths = (groups: readonly NavigationGroup[]) => groups.flatMap((group) => group.items.map((item) => item.path))

test.each([
  ["app/o/[org]", organizationNavigation],
  ["app/operator", operatorNavigation],
])("every link of the navigation of %s leads to a page", (root, groups) => {
  // Brackets are a pattern to glob: pages are listed first and compared by name.
  const pages = new Set(globSync("app/**/page.tsx"))
  expect(pages.size).toBeGreaterThan(10)
  expect(paths(groups).filter((path) => !pages.has(`${root}${path}/page.tsx`))).toEqual([])
})
