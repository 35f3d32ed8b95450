-- Keys know when their plan's allowance is given anew, for the words of a refusal. A renewal itself is noted with the wallet's limit.
DROP TRIGGER note_change ON subscription;
CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF plan_id, renews ON subscription FOR EACH ROW EXECUTE FUNCTION turnpike_note_change('organization_id');
