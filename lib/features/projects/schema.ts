import { z } from "zod"

const NAME_CHARACTERS_MAX = 80

export const projectNameSchema = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
export const createProjectSchema = z.object({ name: projectNameSchema })
export const renameProjectSchema = z.object({ projectId: z.string().max(100), name: projectNameSchema })
export const archiveProjectSchema = z.object({ projectId: z.string().max(100), archived: z.stringbool().or(z.boolean()) })
