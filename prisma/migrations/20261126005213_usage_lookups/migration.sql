-- A member's own calls were looked for among everybody's: measured on a million records of one organization, 1.8 s for a member with few.
-- CreateIndex
CREATE INDEX "usage_record_organization_id_membership_id_admitted_at_id_idx" ON "usage_record"("organization_id", "membership_id", "admitted_at" DESC, "id" DESC);

-- Test calls are few among many, and most organizations have none: these cost other calls nothing.
CREATE INDEX usage_record_test_idx ON usage_record (organization_id, admitted_at DESC, id DESC) WHERE test;
CREATE INDEX usage_hourly_test_idx ON usage_hourly (organization_id, hour) WHERE test;

-- The same condition, asked once per statement and not once per row: charts read hundreds of thousands of these rows, and half of their
-- time went into the settings.
ALTER POLICY tenant ON usage_hourly USING ((SELECT turnpike_is_system()) OR organization_id = (SELECT turnpike_organization()));
