-- AlterTable
ALTER TABLE "quota_window" ADD COLUMN     "withheld" BIGINT NOT NULL DEFAULT 0;

ALTER TABLE quota_window ADD CONSTRAINT quota_window_withheld_not_negative CHECK (withheld >= 0);

SELECT set_config('turnpike.scope', 'system', true);
UPDATE quota_window w SET ceiling = q."limit", withheld = (
  SELECT coalesce(sum(remaining_nano_usd), 0)::bigint FROM credit_lot l WHERE l.organization_id = q.organization_id AND l.ended_at IS NOT NULL)
FROM quota q WHERE q.id = w.quota_id AND q.scope = 'wallet';
