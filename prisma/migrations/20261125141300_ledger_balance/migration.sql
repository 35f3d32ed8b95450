-- CreateTable
CREATE TABLE "ledger_balance" (
    "account_id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "balance_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "ledger_balance_pkey" PRIMARY KEY ("account_id")
);

-- CreateIndex
CREATE INDEX "ledger_balance_organization_id_idx" ON "ledger_balance"("organization_id");

ALTER TABLE ledger_balance ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_balance FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger_balance USING (turnpike_is_system() OR organization_id = turnpike_organization());

-- One statement per inserting statement, in one order, so that two flushes of the same organizations cannot deadlock.
CREATE FUNCTION turnpike_add_to_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_balance (account_id, organization_id, balance_nano_usd)
  SELECT account_id, organization_id, sum(amount_nano_usd)::bigint FROM inserted
  WHERE organization_id IS NOT NULL
  GROUP BY account_id, organization_id ORDER BY account_id
  ON CONFLICT (account_id) DO UPDATE SET balance_nano_usd = ledger_balance.balance_nano_usd + EXCLUDED.balance_nano_usd;
  RETURN NULL;
END $$;

CREATE TRIGGER add_to_balances AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION turnpike_add_to_balances();
