export { type Buyer, type ListedModel, priceList, type PriceSpan } from "./price-list.ts"
