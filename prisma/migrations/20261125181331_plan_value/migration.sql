-- AlterTable
ALTER TABLE "usage_hourly" ADD COLUMN     "plan_nano_usd" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "usage_record" ADD COLUMN     "plan" BOOLEAN NOT NULL DEFAULT false;
