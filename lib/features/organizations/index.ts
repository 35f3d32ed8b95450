export { mayCreateOrganization, mayManageAllOrganizations, mayManageOrganization } from "./policy.ts"
export { createOrganizationsRepository, freeSlug, type OrganizationKind, type OrganizationRow } from "./repository.ts"
export {
  createOrganizationByOperatorSchema,
  createOrganizationSchema,
  organizationKinds,
  setOrganizationDisabledSchema,
  setOrganizationKindSchema,
  timeZoneSchema,
  updateOrganizationSchema,
} from "./schema.ts"
export { createOrganizationsService, ORGANIZATIONS_PER_PAGE, type OrganizationSettings, type OrganizationsService, type OrganizationSummary } from "./service.ts"
