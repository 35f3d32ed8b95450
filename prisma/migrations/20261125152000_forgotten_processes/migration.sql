-- AlterTable
ALTER TABLE "gateway_process" ADD COLUMN     "forgotten_at" TIMESTAMPTZ(3);
