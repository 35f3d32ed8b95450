-- CreateEnum
CREATE TYPE "credit_lot_kind" AS ENUM ('walletPromotional', 'planAllowance');

-- AlterEnum
ALTER TYPE "ledger_account_kind" ADD VALUE 'subscriptions';

-- AlterTable
ALTER TABLE "ledger_entry" ADD COLUMN     "lot_id" TEXT;

-- AlterTable
ALTER TABLE "ledger_posting" ADD COLUMN     "request_id" TEXT;

-- AlterTable
ALTER TABLE "quota_window" ADD COLUMN     "ceiling" BIGINT;

-- CreateTable
CREATE TABLE "credit_lot" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "kind" "credit_lot_kind" NOT NULL,
    "amount_nano_usd" BIGINT NOT NULL,
    "remaining_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "posting_id" TEXT NOT NULL,
    "source" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "credit_lot_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "credit_lot_organization_id_idx" ON "credit_lot"("organization_id");

-- CreateIndex
CREATE INDEX "credit_lot_remaining_nano_usd_idx" ON "credit_lot"("remaining_nano_usd");

-- CreateIndex
CREATE INDEX "ledger_entry_lot_id_idx" ON "ledger_entry"("lot_id");

-- CreateIndex
CREATE INDEX "ledger_posting_request_id_idx" ON "ledger_posting"("request_id");

ALTER TABLE credit_lot ADD CONSTRAINT credit_lot_amounts CHECK (amount_nano_usd > 0 AND remaining_nano_usd >= 0);

ALTER TABLE credit_lot ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_lot FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON credit_lot USING (turnpike_is_system() OR organization_id = turnpike_organization());

-- Whoever writes entries has the wallet's window locked, so the lots of one wallet are changed by one transaction at a time.
CREATE FUNCTION turnpike_add_to_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE credit_lot SET remaining_nano_usd = credit_lot.remaining_nano_usd + moved.amount
  FROM (SELECT lot_id, sum(amount_nano_usd)::bigint AS amount FROM inserted WHERE lot_id IS NOT NULL GROUP BY lot_id) moved
  WHERE credit_lot.id = moved.lot_id;
  RETURN NULL;
END $$;

CREATE TRIGGER add_to_lots AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION turnpike_add_to_lots();

-- Promotional credit from before there were lots becomes one lot that does not expire. Entries are never changed, so it is taken out of
-- the account and given back to it in the lot's name.
SELECT set_config('turnpike.scope', 'system', true);

CREATE TEMPORARY TABLE given ON COMMIT DROP AS
SELECT b.account_id, b.organization_id, substr(b.organization_id, 5) AS name, b.balance_nano_usd AS amount
FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE a.kind = 'walletPromotional' AND b.balance_nano_usd > 0;

INSERT INTO credit_lot (id, organization_id, kind, amount_nano_usd, posting_id) SELECT 'lot_first' || name, organization_id, 'walletPromotional', amount, 'post_firstLot' || name FROM given;

INSERT INTO ledger_posting (id, organization_id, kind, idempotency_key, reason)
SELECT 'post_firstLot' || name, organization_id, 'adjustment', 'first-lot:' || organization_id, 'credit that does not expire' FROM given;

INSERT INTO ledger_entry (id, posting_id, account_id, organization_id, amount_nano_usd, lot_id)
SELECT 'ent_firstLotFrom' || name, 'post_firstLot' || name, account_id, organization_id, -amount, NULL FROM given
UNION ALL
SELECT 'ent_firstLotTo' || name, 'post_firstLot' || name, account_id, organization_id, amount, 'lot_first' || name FROM given;
