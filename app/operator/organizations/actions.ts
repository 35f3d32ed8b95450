"use server"

import { createOrganizationByOperatorSchema, setOrganizationDisabledSchema, setOrganizationKindSchema } from "#lib/features/organizations/index.ts"
import { adjustInput, creditInput, refundCallInput, returnPaidInput } from "#lib/features/wallet/index.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const createOrganization = operatorAction(createOrganizationByOperatorSchema, (operator, input) => container().organizations.createByOperator(operator, input))

export const setOrganizationKind = operatorAction(setOrganizationKindSchema, (operator, input) => container().organizations.setKind(operator, input))

export const setOrganizationDisabled = operatorAction(setOrganizationDisabledSchema, (operator, input) => container().organizations.setDisabled(operator, input))

export const giveCredit = operatorAction(creditInput, (operator, input) => container().wallet.credit(operator, input))

export const adjustBalance = operatorAction(adjustInput, (operator, input) => container().wallet.adjust(operator, input))

export const refundCall = operatorAction(refundCallInput, (operator, input) => container().wallet.refundCall(operator, input))

export const returnPaidCredit = operatorAction(returnPaidInput, (operator, input) => container().wallet.returnPaid(operator, input))
