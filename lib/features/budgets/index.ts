export { mayChangeBudget, maySeeAllBudgets } from "./policy.ts"
export { BUDGET_ROWS_MAX, createBudgetsRepository, limitsOf, readBudget, readMemberDefault, writeBudget, writeLimit, writeMemberBudget, writeMemberDefault } from "./repository.ts"
export { type Budget, budgetAmount, budgetInput, type BudgetPeriod, budgetPeriods, type BudgetScope, memberDefaultInput, removeBudgetInput, setBudgetInput } from "./schema.ts"
export { type BudgetLine, type BudgetOverview, type BudgetsService, type BudgetState, createBudgetsService } from "./service.ts"
