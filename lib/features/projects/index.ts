export { mayManageProjects, mayReadProjects } from "./policy.ts"
export { createProjectsRepository } from "./repository.ts"
export { archiveProjectSchema, createProjectSchema, renameProjectSchema } from "./schema.ts"
export { createProjectsService, type ProjectsService, type ProjectView } from "./service.ts"
