export { createModelsRepository } from "./repository.ts"
export { describeModelInput, markup, modelInput, type ModelInput, priceInput, type PriceInput, setCostInput, setSellInput } from "./schema.ts"
export { createModelsService, type ModelsService } from "./service.ts"
export type { ModelDetail, ModelSummary, PriceHistoryEntry, PriceView, TargetView } from "./views.ts"
