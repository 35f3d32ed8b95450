import { globalIgnores } from "eslint/config"
import tseslint from "typescript-eslint"

/** A ban names its cure. */
const bans = [
  { selector: "MemberExpression[object.name='process'][property.name='env']", message: "process.env → the parsed settings of lib/server/env.ts, passed in." },
  { selector: "TSEnumDeclaration", message: "enum → a const array with `as const`: Node strips types and cannot run enums." },
]
const purity = [
  ...bans,
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: "Date.now() → the Clock that is passed in (lib/kernel/clock.ts)." },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "new Date() → new Date(clock.now())." },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: "Math.random() → the random source that is passed in." },
  { selector: "CallExpression[callee.name='fetch']", message: "fetch → a port implemented in lib/adapters." },
]

export default tseslint.config(
  globalIgnores([".next", ".turnpike", "prisma/generated", "node_modules", "next-env.d.ts", "public"]),
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" }],
      "no-restricted-syntax": ["error", ...bans],
    },
  },
  {
    files: ["lib/{kernel,wire,catalog,gateway,quota,ledger,features}/**/*.ts"],
    ignores: ["lib/kernel/clock.ts", "**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...purity] },
  },
  { files: ["lib/server/env.ts", "lib/adapters/embedded-postgres.ts", "**/*.test.ts", "test/**", "e2e/**", "scripts/**", "*.config.ts"], rules: { "no-restricted-syntax": "off" } },
)
