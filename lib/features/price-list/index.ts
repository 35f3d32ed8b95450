export type { ListedModel, PriceSpan } from "./price-list.ts"
export { createPriceListRepository } from "./repository.ts"
export { createPriceListService, type PriceListService } from "./service.ts"
