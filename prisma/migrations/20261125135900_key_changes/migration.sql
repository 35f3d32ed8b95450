-- What the key directory has to know besides the keys themselves.

-- A new quota's id says nothing to a process that holds principals: whose limit it is does. Each change of a quota is noted twice,
-- under the quota's id and under the id of the organization, project, membership, key or credential that it limits.
CREATE TRIGGER note_scope_change AFTER INSERT OR DELETE OR UPDATE ON quota FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('scope_id');

-- A person who is disabled takes their keys along.
CREATE TRIGGER note_change AFTER UPDATE OF disabled_at ON app_user FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('id');
