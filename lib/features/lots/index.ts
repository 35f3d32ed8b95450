export { addLot, availableNanoUsd, createLotsRepository, endLot, grantLot, isPosted, lockWallet, type LockedWallet, type LotGrant, type NewPosting, openWallet, post, type PostingStamp, reduceLot, type Taken, writePosting } from "./repository.ts"
export { createLotsService, type LotsService } from "./service.ts"
