-- AlterTable
ALTER TABLE "credential" ADD COLUMN     "exhausted_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "quota" ADD COLUMN     "anchor" TIMESTAMPTZ(3);
