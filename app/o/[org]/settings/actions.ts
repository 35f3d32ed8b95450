"use server"

import { mayManageAlerts, noInput, webhookInput } from "#lib/features/alerts/index.ts"
import { mayManageOrganization, updateOrganizationSchema } from "#lib/features/organizations/index.ts"
import { archiveProjectSchema, createProjectSchema, mayManageProjects, renameProjectSchema } from "#lib/features/projects/index.ts"
import { memberAction } from "#lib/server/action.ts"
import { container } from "#lib/server/container.ts"

export const updateOrganization = memberAction(updateOrganizationSchema, (member, input) => container().organizations.update(member, input), mayManageOrganization)

export const setWebhook = memberAction(webhookInput, (member, input) => container().alerts.setWebhook(member, input), mayManageAlerts)

export const removeWebhook = memberAction(noInput, (member) => container().alerts.removeWebhook(member), mayManageAlerts)

export const createProject = memberAction(createProjectSchema, (member, input) => container().projects.create(member, input), mayManageProjects)

export const renameProject = memberAction(renameProjectSchema, (member, input) => container().projects.rename(member, input), mayManageProjects)

export const setProjectArchived = memberAction(archiveProjectSchema, (member, input) => container().projects.setArchived(member, input), mayManageProjects)
