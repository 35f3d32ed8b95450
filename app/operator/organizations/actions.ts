"use server"

import { createOrganizationByOperatorSchema, setOrganizationDisabledSchema, setOrganizationKindSchema } from "#lib/features/organizations/index.ts"
import { creditInput } from "#lib/features/wallet/index.ts"
import { operatorAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const createOrganization = operatorAction(createOrganizationByOperatorSchema, (operator, input) => container().organizations.createByOperator(operator, input))

export const setOrganizationKind = operatorAction(setOrganizationKindSchema, (operator, input) => container().organizations.setKind(operator, input))

export const setOrganizationDisabled = operatorAction(setOrganizationDisabledSchema, (operator, input) => container().organizations.setDisabled(operator, input))

export const giveCredit = operatorAction(creditInput, (operator, input) => container().wallet.credit(operator, input))
