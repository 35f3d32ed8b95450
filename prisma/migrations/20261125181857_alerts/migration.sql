-- CreateEnum
CREATE TYPE "alert_channel" AS ENUM ('mail', 'webhook');

-- CreateTable
CREATE TABLE "alert" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "quota_id" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "threshold" INTEGER NOT NULL,
    "limit" BIGINT NOT NULL,
    "used" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_delivery" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "alert_id" TEXT NOT NULL,
    "channel" "alert_channel" NOT NULL,
    "target" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "alert_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook" (
    "organization_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("organization_id")
);

-- CreateIndex
CREATE INDEX "alert_organization_id_created_at_idx" ON "alert"("organization_id", "created_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "alert_quota_id_window_start_threshold_limit_key" ON "alert"("quota_id", "window_start", "threshold", "limit");

-- CreateIndex
CREATE INDEX "alert_delivery_next_attempt_at_idx" ON "alert_delivery"("next_attempt_at");

-- CreateIndex
CREATE INDEX "alert_delivery_alert_id_idx" ON "alert_delivery"("alert_id");

-- AddForeignKey
ALTER TABLE "alert_delivery" ADD CONSTRAINT "alert_delivery_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alert"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A tenant sees its own alone; only the system writes alerts and deliveries.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['alert', 'alert_delivery', 'webhook'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (turnpike_is_system() OR organization_id = turnpike_organization())', name);
  END LOOP;
END $$;
