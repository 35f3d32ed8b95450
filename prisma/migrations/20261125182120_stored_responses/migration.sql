-- AlterTable
ALTER TABLE "organization" ADD COLUMN     "stores_responses" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "stored_response" (
    "organization_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "previous_id" TEXT,
    "item_ids" TEXT[],
    "sealed" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stored_response_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE INDEX "stored_response_expires_at_idx" ON "stored_response"("expires_at");

-- CreateIndex
CREATE INDEX "stored_response_item_ids_idx" ON "stored_response" USING GIN ("item_ids");


-- Row-level security, as for every table of tenants (…_guards).
ALTER TABLE stored_response ENABLE ROW LEVEL SECURITY;
ALTER TABLE stored_response FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stored_response USING (turnpike_is_system() OR organization_id = turnpike_organization());
