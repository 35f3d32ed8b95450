-- AlterTable
ALTER TABLE "usage_record" ADD COLUMN     "quota_parts" JSONB;
