-- CreateEnum
CREATE TYPE "plan_period" AS ENUM ('day', 'week', 'month', 'year');

-- CreateEnum
CREATE TYPE "subscription_event_kind" AS ENUM ('started', 'renewed', 'changed', 'ended');

-- AlterTable
ALTER TABLE "price_rule" ADD COLUMN     "plan_id" TEXT;

-- CreateTable
CREATE TABLE "plan" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "price_nano_usd" BIGINT NOT NULL,
    "period" "plan_period" NOT NULL,
    "allowance_nano_usd" BIGINT,
    "markup_ppm" INTEGER,
    "models" TEXT[],
    "requests_per_minute" INTEGER,
    "tokens_per_minute" INTEGER,
    "concurrent" INTEGER,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription" (
    "organization_id" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "anchor_at" TIMESTAMPTZ(3) NOT NULL,
    "period_start" TIMESTAMPTZ(3) NOT NULL,
    "period_end" TIMESTAMPTZ(3) NOT NULL,
    "period" "plan_period" NOT NULL,
    "allowance_nano_usd" BIGINT NOT NULL,
    "price_nano_usd" BIGINT NOT NULL,
    "renews" BOOLEAN NOT NULL DEFAULT true,
    "managed_by" TEXT,

    CONSTRAINT "subscription_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "subscription_event" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "kind" "subscription_event_kind" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "plan_id" TEXT,
    "from_plan_id" TEXT,
    "period_start" TIMESTAMPTZ(3) NOT NULL,
    "period_end" TIMESTAMPTZ(3) NOT NULL,
    "due_nano_usd" BIGINT NOT NULL,
    "allowance_nano_usd" BIGINT NOT NULL,
    "author_id" TEXT,
    "managed_by" TEXT,

    CONSTRAINT "subscription_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "plan_name_key" ON "plan"("name");

-- CreateIndex
CREATE INDEX "subscription_period_end_idx" ON "subscription"("period_end");

-- CreateIndex
CREATE INDEX "subscription_plan_id_idx" ON "subscription"("plan_id");

-- CreateIndex
CREATE INDEX "subscription_event_organization_id_at_idx" ON "subscription_event"("organization_id", "at");

ALTER TABLE plan ADD CONSTRAINT plan_amounts CHECK (price_nano_usd >= 0 AND allowance_nano_usd > 0 AND markup_ppm >= 0);
ALTER TABLE subscription ADD CONSTRAINT subscription_period CHECK (period_start < period_end AND anchor_at <= period_start);

-- A tenant sees its own subscription and the plan that it is on; only the system writes them.
ALTER TABLE plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON plan USING (turnpike_is_system());
CREATE POLICY subscriber ON plan FOR SELECT USING (
  EXISTS (SELECT 1 FROM subscription WHERE subscription.plan_id = plan.id AND subscription.organization_id = turnpike_organization())
);
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['subscription', 'subscription_event'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY system ON %I USING (turnpike_is_system())', name);
    EXECUTE format('CREATE POLICY tenant ON %I FOR SELECT USING (organization_id = turnpike_organization())', name);
  END LOOP;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_event EXECUTE FUNCTION turnpike_refuse_change();

-- What a plan allows and costs is in every process's snapshot, and which plan an organization is on in its keys' principals. A period that
-- begins anew changes neither.
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF markup_ppm, models ON plan FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF plan_id ON subscription FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('organization_id');
