-- CreateTable
CREATE TABLE "wallet_flow" (
    "organization_id" TEXT NOT NULL,
    "quarter" TIMESTAMPTZ(3) NOT NULL,
    "kind" "posting_kind" NOT NULL,
    "amount_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "wallet_flow_pkey" PRIMARY KEY ("organization_id","quarter","kind")
);

ALTER TABLE wallet_flow ENABLE ROW LEVEL SECURITY;
ALTER TABLE wallet_flow FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON wallet_flow USING ((SELECT turnpike_is_system()) OR organization_id = (SELECT turnpike_organization()));

-- Whoever writes entries of a wallet has its window locked, so the flows of one wallet are changed by one transaction at a time.
CREATE FUNCTION turnpike_add_to_flows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wallet_flow (organization_id, quarter, kind, amount_nano_usd)
  SELECT i.organization_id, date_bin('15 minutes', p.created_at, timestamptz 'epoch'), p.kind, sum(i.amount_nano_usd)::bigint
  FROM inserted i JOIN ledger_account a ON a.id = i.account_id JOIN ledger_posting p ON p.id = i.posting_id
  WHERE a.kind IN ('walletPaid', 'walletPromotional', 'planAllowance')
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (organization_id, quarter, kind) DO UPDATE SET amount_nano_usd = wallet_flow.amount_nano_usd + EXCLUDED.amount_nano_usd;
  RETURN NULL;
END $$;

CREATE TRIGGER add_to_flows AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION turnpike_add_to_flows();

SELECT set_config('turnpike.scope', 'system', true);

INSERT INTO wallet_flow (organization_id, quarter, kind, amount_nano_usd)
SELECT e.organization_id, date_bin('15 minutes', p.created_at, timestamptz 'epoch'), p.kind, sum(e.amount_nano_usd)::bigint
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_posting p ON p.id = e.posting_id
WHERE a.kind IN ('walletPaid', 'walletPromotional', 'planAllowance')
GROUP BY 1, 2, 3;

-- What moved money beside usage: some among the postings of many flushes.
CREATE INDEX ledger_posting_movements_idx ON ledger_posting (organization_id, created_at, id) WHERE kind <> 'usage';

-- Flagged calls that cost something, the operator's list: few among many.
CREATE INDEX usage_record_flagged_idx ON usage_record (organization_id, admitted_at DESC, id DESC)
  WHERE status IN ('estimated', 'interrupted') AND charged_nano_usd > 0 AND NOT test;
