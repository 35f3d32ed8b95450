"use server"

import { z } from "zod"
import {
  addCredentialInput,
  channelReference,
  createChannelInput,
  enableChannelInput,
  enableCredentialInput,
  planWindowsForm,
  retryPlanInput,
  updateChannelInput,
} from "#lib/features/channels/index.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

/** Set by the button “Save anyway”. */
const anyway = { anyway: z.literal("on").optional() }

export const createChannel = operatorAction(createChannelInput.extend(anyway), (operator, { anyway, ...input }) => container().channels.createTested(operator, input, anyway === "on"))

export const updateChannel = operatorAction(updateChannelInput.extend(anyway), (operator, { anyway, ...input }) => container().channels.updateTested(operator, input, anyway === "on"))

export const testChannel = operatorAction(channelReference, (operator, input) => container().channels.test(operator, input))

export const enableChannel = operatorAction(enableChannelInput, (operator, input) => container().channels.setEnabled(operator, input))

export const removeChannel = operatorAction(channelReference, (operator, input) => container().channels.remove(operator, input))

export const addCredential = operatorAction(addCredentialInput, (operator, input) => container().channels.addCredential(operator, input))

export const setPlanWindows = operatorAction(planWindowsForm, (operator, input) => container().channels.setPlanWindows(operator, input))

export const retryPlan = operatorAction(retryPlanInput, (operator, input) => container().channels.retryPlan(operator, input))

export const enableCredential = operatorAction(enableCredentialInput, (operator, input) => container().channels.setCredentialEnabled(operator, input))
