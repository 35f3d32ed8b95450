-- AlterTable
-- Keys that replaced each other share limits and budget: a rotation must not double what may be spent.
ALTER TABLE "api_key" ADD COLUMN     "limits_of_id" TEXT;
