-- What Prisma's schema cannot say: who may see which row, what may never change, and how a change becomes known.

-- Row-level security -------------------------------------------------------------------------------------------------------
-- Each transaction says in whose name it runs: set_config('turnpike.organization', id, true), or
-- set_config('turnpike.scope', 'system', true). Without either, no row is visible and none can be written. FORCE binds the owner
-- of the tables too, which is the role that the program itself uses.

CREATE FUNCTION turnpike_is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('turnpike.scope', true), '') = 'system';

CREATE FUNCTION turnpike_organization() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('turnpike.organization', true), '');

-- Tables of tenants: the system, or the organization itself.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['membership', 'invitation', 'project', 'api_key', 'channel', 'credential', 'channel_model', 'price_rule',
                              'quota', 'quota_window', 'ledger_account', 'ledger_posting', 'ledger_entry', 'usage_record',
                              'usage_record_default', 'usage_hourly']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (turnpike_is_system() OR organization_id = turnpike_organization())', name);
  END LOOP;
END $$;

ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization USING (turnpike_is_system() OR id = turnpike_organization());

-- A person is visible to the organizations they belong to; only the system writes people.
ALTER TABLE app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE app_user FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON app_user USING (turnpike_is_system());
CREATE POLICY fellow ON app_user FOR SELECT USING (
  EXISTS (SELECT 1 FROM membership WHERE membership.user_id = app_user.id AND membership.organization_id = turnpike_organization())
);

-- Everything else belongs to the installation: the system alone.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sign_in_account', 'sign_in_session', 'verification_token', 'one_time_link', 'sign_in_attempt', 'model',
                              'price_version', 'lease', 'gateway_process', 'setting', 'change_counter', 'change']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY system ON %I USING (turnpike_is_system())', name);
  END LOOP;
END $$;

-- The ledger is append-only and every posting sums to zero --------------------------------------------------------------------
CREATE FUNCTION turnpike_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: entries are never changed, post a correction instead', TG_OP, TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting EXECUTE FUNCTION turnpike_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry EXECUTE FUNCTION turnpike_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account EXECUTE FUNCTION turnpike_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_version EXECUTE FUNCTION turnpike_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_rule EXECUTE FUNCTION turnpike_refuse_change();

CREATE FUNCTION turnpike_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total numeric;
BEGIN
  SELECT sum(amount_nano_usd) INTO total FROM ledger_entry WHERE posting_id = NEW.posting_id;
  IF total <> 0 THEN
    RAISE EXCEPTION 'posting % does not balance: its lines sum to % nano-USD', NEW.posting_id, total;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION turnpike_posting_balances();

-- Quotas ------------------------------------------------------------------------------------------------------------------------
ALTER TABLE quota ADD CONSTRAINT quota_limit_not_negative CHECK ("limit" >= 0);
ALTER TABLE quota_window ADD CONSTRAINT quota_window_not_negative CHECK (used >= 0 AND leased >= 0);
ALTER TABLE lease ADD CONSTRAINT lease_not_negative CHECK (amount >= 0);

-- Changes of configuration become known ---------------------------------------------------------------------------------------
-- The counter's row is locked until the changing transaction ends, so a reader who has seen number n has seen everything below n.
INSERT INTO change_counter (id, value) SELECT 1, 0 WHERE set_config('turnpike.scope', 'system', true) IS NOT NULL;

CREATE FUNCTION turnpike_note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  row_data jsonb := to_jsonb(coalesce(NEW, OLD));
  number bigint;
  scope text := current_setting('turnpike.scope', true);
BEGIN
  PERFORM set_config('turnpike.scope', 'system', true);
  UPDATE change_counter SET value = value + 1 WHERE id = 1 RETURNING value INTO number;
  INSERT INTO change (value, topic, subject)
    VALUES (number, TG_TABLE_NAME, coalesce(row_data ->> TG_ARGV[0], ''));
  PERFORM set_config('turnpike.scope', coalesce(scope, ''), true);
  PERFORM pg_notify('turnpike_change', number::text);
  RETURN NULL;
END $$;

-- lastUsedAt, lastErrorAt and the like are statistics: columns whose change no process has to know are left out.
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF secret_hash, membership_id, project_id, name, test, allowed_models, parameters,
  requests_per_minute, tokens_per_minute, concurrent, expires_at, revoked_at ON api_key
  FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('secret_hash');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF name, provider_id, endpoints, priority, weight, resale, allow_private_network,
  settings, enabled, deleted_at ON channel
  FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON credential FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('channel_id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON channel_model FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('channel_id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON model FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('name');
CREATE TRIGGER note_change AFTER INSERT ON price_rule FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('model');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON quota FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON organization FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON membership FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON project FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('name');
