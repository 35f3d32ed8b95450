"use server"

import { removeSearchInput, searchInput } from "#lib/features/search/index.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const saveSearch = operatorAction(searchInput, (operator, input) => container().search.save(operator, input))

export const removeSearch = operatorAction(removeSearchInput, (operator) => container().search.remove(operator))
