export { createSearchRepository } from "./repository.ts"
export { removeSearchInput, searchInput, type SearchInput } from "./schema.ts"
export { createSearchService, type SearchService, type SearchView } from "./service.ts"
