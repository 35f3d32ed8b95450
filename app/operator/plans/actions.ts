"use server"

import { redirect } from "next/navigation"
import { z } from "zod"
import { setOwnPriceInput } from "#lib/features/models/index.ts"
import { leaveInput, planForm, planReference, subscribeInput } from "#lib/features/plans/index.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const createPlan = operatorAction(planForm, async (operator, input): Promise<Result<null, FeatureError>> => {
  const made = await container().plans.create(operator, input)
  return made.ok ? redirect(`/operator/plans/${made.value.planId}`) : made
})

export const updatePlan = operatorAction(planReference.and(planForm), (operator, { planId, ...input }) => container().plans.update(operator, planId, input))

export const setPlanArchived = operatorAction(planReference.extend({ archived: z.stringbool() }), (operator, { planId, archived }) => container().plans.setArchived(operator, planId, archived))

export const setOwnPrice = operatorAction(setOwnPriceInput, (operator, input) => container().models.setOwnPrice(operator, input))

export const previewPlan = operatorAction(subscribeInput, (operator, input) => container().plans.preview(operator, input))

export const subscribeToPlan = operatorAction(subscribeInput, async (operator, input) => {
  const changed = await container().plans.subscribe(operator, input)
  return changed.ok ? ok(null) : changed
})

export const leavePlan = operatorAction(leaveInput, (operator, input) => container().plans.leave(operator, input))
