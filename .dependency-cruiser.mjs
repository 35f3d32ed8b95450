/** The import rules of docs/architecture.md. scripts/boundaries.mjs runs them, and a seeded violation that must fail. */
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  comment: `${from} may import only: ${allowed.join(", ")}`,
  from: { path: `^lib/${from}/`, pathNot: "\\.test\\.ts$|/test/" },
  to: { path: "^(app|components|lib|prisma|server\\.ts)", pathNot: `^lib/(${allowed.join("|")})` },
})

export default {
  forbidden: [
    only("kernel-imports-nothing", "kernel", ["kernel/"]),
    only("wire", "wire", ["wire/", "kernel/"]),
    only("catalog", "catalog", ["catalog/", "kernel/", "wire/"]),
    only("quota", "quota", ["quota/", "kernel/"]),
    only("ledger", "ledger", ["ledger/", "kernel/", "catalog/", "wire/"]),
    only("gateway", "gateway", ["gateway/", "kernel/", "wire/", "catalog/", "quota/", "ledger/"]),
    {
      name: "features",
      severity: "error",
      comment: "A feature imports kernel, wire, catalog, ledger, quota, gateway's ports, types and terms, and other features' index only.",
      from: { path: "^lib/features/", pathNot: "\\.test\\.ts$|/repository\\.ts$" },
      to: { path: "^(app|components|lib|prisma|server\\.ts)", pathNot: "^lib/(features|kernel|wire|catalog|ledger|quota|gateway/(ports|types|terms))" },
    },
    {
      name: "repository-alone-sees-the-database",
      severity: "error",
      comment: "Only repository.ts may import Prisma and lib/adapters/database.ts, and nothing else of the adapters.",
      from: { path: "^lib/features/.*/repository\\.ts$" },
      to: { path: "^(app|components|lib|prisma|server\\.ts)", pathNot: "^lib/(features|kernel|wire|catalog|ledger|quota|gateway/(ports|types|terms)|adapters/database)|^prisma/generated" },
    },
    {
      name: "other-features-by-index",
      severity: "error",
      comment: "Another feature is reached through its index.ts.",
      from: { path: "^lib/features/([^/]+)/" },
      to: { path: "^lib/features/([^/]+)/", pathNot: "^lib/features/($1/|[^/]+/index\\.ts$)" },
    },
    {
      name: "components-without-server",
      severity: "error",
      comment: "components/ holds no server code: only kernel, and types.",
      from: { path: "^components/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^(app|lib|prisma|server\\.ts)", pathNot: "^lib/kernel/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "adapters",
      severity: "error",
      comment: "Adapters implement ports; they know neither pages nor features.",
      from: { path: "^lib/adapters/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(app|components|lib/features|lib/server|server\\.ts)" },
    },
    { name: "no-cycles", severity: "error", comment: "No import cycles.", from: { path: "^(app|components|lib)" }, to: { circular: true, dependencyTypesNot: ["type-only"] } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.next|\\.turnpike|node_modules|prisma/generated/internal)" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
}
