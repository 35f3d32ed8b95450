-- CreateIndex
CREATE INDEX "usage_record_response_id_idx" ON "usage_record"("response_id");
