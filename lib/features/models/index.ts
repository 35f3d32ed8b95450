export { createModelsRepository, type PriceOwner } from "./repository.ts"
export { describeModelInput, markup, modelInput, type ModelInput, priceInput, type PriceInput, setCeilingInput, setCostInput, setOwnPriceInput, setSellInput } from "./schema.ts"
export { createModelsService, type ModelsService, type OwnPrice } from "./service.ts"
export type { CeilingView, ModelDetail, ModelSummary, OwnPriceView, PriceHistoryEntry, PriceView, TargetView } from "./views.ts"
