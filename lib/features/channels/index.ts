export type { ConnectionProblem, ConnectionResult } from "./connection-test.ts"
export type { PlanView, PlanWindowView } from "./plan-views.ts"
export { type PlanWindow, planWindowInput, planWindowsInput } from "./plan-windows.ts"
export { createChannelsRepository } from "./repository.ts"
export {
  addCredentialInput,
  channelInput,
  type ChannelInput,
  channelModelInput,
  channelReference,
  createChannelInput,
  type CreateChannelInput,
  enableChannelInput,
  enableCredentialInput,
  modelName,
  planWindowsForm,
  retryPlanInput,
  updateChannelInput,
} from "./schema.ts"
export { type ChannelsService, createChannelsService, type Reconciled, type TestedSave } from "./service.ts"
export type { ChannelDetail, ChannelState, ChannelSummary } from "./views.ts"
