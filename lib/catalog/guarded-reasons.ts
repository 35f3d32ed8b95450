/** Why a field is refused, in words that its name stands before. */
export const hostedTool = "it runs at the provider and is billed apart from tokens"
export const account = "it would be kept in the provider's account, which all tenants of this installation share"
export const stored = "it names an object in the provider's account, which all tenants of this installation share"
export const otherModels = "it would let the provider answer with another model or price than the one that was checked"
