"use server"

import { describeModelInput, setCeilingInput, setCostInput, setSellInput } from "#lib/features/models/index.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const setCost = operatorAction(setCostInput, (operator, input) => container().models.setCost(operator, input))

export const setCeiling = operatorAction(setCeilingInput, (operator, input) => container().models.setCeiling(operator, input))

export const setSell = operatorAction(setSellInput, (operator, input) => container().models.setSell(operator, input))

export const describeModel = operatorAction(describeModelInput, (operator, input) => container().models.describe(operator, input))
