export { addLot, addLotBy, availableNanoUsd, createLotsRepository, endLot, grantLot, isPosted, listLots, lockWallet, type LockedWallet, type LotGrant, type NewPosting, openWallet, post, type PostingStamp, recallWallet, reduceLot, type Taken, writePosting } from "./repository.ts"
export { createLotsService, type LotsService } from "./service.ts"
