"use server"

import { createOrganizationSchema } from "#lib/features/organizations/index.ts"
import { personAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const createOrganization = personAction(createOrganizationSchema, (person, input) => container().organizations.create(person, input))
