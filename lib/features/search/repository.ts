import type { Database } from "#lib/adapters/database.ts"
import { readSearchSetting, SEARCH_SETTING, type SearchSetting, writeSearchSetting } from "#lib/adapters/database-search.ts"

export { SEARCH_SETTING, type SearchSetting }

/** The search belongs to no organization: every function runs in the system's name. */
export function createSearchRepository(database: Database) {
  return {
    systemRead: (): Promise<SearchSetting | null> => database.system(readSearchSetting),
    systemWrite: (setting: SearchSetting, updatedAt: Date): Promise<void> => database.system((transaction) => writeSearchSetting(transaction, setting, updatedAt)),
    systemRemove: (): Promise<unknown> => database.system((transaction) => transaction.setting.deleteMany({ where: { name: SEARCH_SETTING } })),
  }
}

export type SearchRepository = ReturnType<typeof createSearchRepository>
