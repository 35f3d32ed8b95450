export { statementCsv } from "./export.ts"
export { createWalletRepository, type StatementRow } from "./repository.ts"
export { type CreditInput, creditInput, statementMonth } from "./schema.ts"
export { createFileGrants, createWalletService, type Statement, type WalletBalance, type WalletService } from "./service.ts"
