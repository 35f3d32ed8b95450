-- CreateEnum
CREATE TYPE "one_time_link_kind" AS ENUM ('setup', 'signIn');

-- CreateEnum
CREATE TYPE "parameter_policy" AS ENUM ('lenient', 'strict');

-- CreateEnum
CREATE TYPE "ledger_account_kind" AS ENUM ('walletPaid', 'walletPromotional', 'planAllowance', 'unbilled', 'revenue', 'providerCost', 'accruedProviderCost', 'clearing', 'promotion', 'absorbed', 'fees', 'tax', 'refunds');

-- CreateEnum
CREATE TYPE "posting_kind" AS ENUM ('credit', 'usage', 'adjustment', 'refund', 'expiry');

-- CreateEnum
CREATE TYPE "organization_kind" AS ENUM ('internal', 'customer');

-- CreateEnum
CREATE TYPE "member_role" AS ENUM ('owner', 'admin', 'billing', 'member', 'viewer');

-- CreateEnum
CREATE TYPE "budget_period" AS ENUM ('total', 'day', 'week', 'month');

-- CreateEnum
CREATE TYPE "price_kind" AS ENUM ('cost', 'sell');

-- CreateEnum
CREATE TYPE "quota_scope" AS ENUM ('wallet', 'organization', 'project', 'member', 'key', 'model', 'credential');

-- CreateEnum
CREATE TYPE "quota_unit" AS ENUM ('nanoUsd', 'requests', 'tokens', 'prompts', 'concurrent');

-- CreateEnum
CREATE TYPE "quota_window_kind" AS ENUM ('total', 'day', 'week', 'month', 'minute', 'rolling', 'none');

-- CreateEnum
CREATE TYPE "lease_state" AS ENUM ('active', 'fenced', 'closed');

-- CreateEnum
CREATE TYPE "usage_status" AS ENUM ('complete', 'estimated', 'interrupted', 'failed');

-- CreateTable
CREATE TABLE "channel" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT,
    "name" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "endpoints" JSONB NOT NULL,
    "base_url" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 10,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "resale" BOOLEAN NOT NULL,
    "allow_private_network" BOOLEAN NOT NULL DEFAULT false,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "last_error_at" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credential" (
    "id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "organization_id" TEXT,
    "sealed" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "windows" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "credential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel_model" (
    "id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "organization_id" TEXT,
    "name" TEXT NOT NULL,
    "upstream" TEXT NOT NULL,

    CONSTRAINT "channel_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "image" TEXT,
    "password_hash" TEXT,
    "email_verified" TIMESTAMPTZ(3),
    "is_operator" BOOLEAN NOT NULL DEFAULT false,
    "locale" TEXT,
    "managed_by" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_account" (
    "user_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_account_id" TEXT NOT NULL,
    "refresh_token" TEXT,
    "access_token" TEXT,
    "expires_at" INTEGER,
    "token_type" TEXT,
    "scope" TEXT,
    "id_token" TEXT,
    "session_state" TEXT,

    CONSTRAINT "sign_in_account_pkey" PRIMARY KEY ("provider","provider_account_id")
);

-- CreateTable
CREATE TABLE "sign_in_session" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "address" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "sign_in_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification_token" (
    "identifier" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_token_pkey" PRIMARY KEY ("identifier","token")
);

-- CreateTable
CREATE TABLE "one_time_link" (
    "id" TEXT NOT NULL,
    "kind" "one_time_link_kind" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "user_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "one_time_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "subject" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("subject","window_start")
);

-- CreateTable
CREATE TABLE "setting" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "change_counter" (
    "id" INTEGER NOT NULL,
    "value" BIGINT NOT NULL,

    CONSTRAINT "change_counter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change" (
    "value" BIGINT NOT NULL,
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "change_pkey" PRIMARY KEY ("value")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "membership_id" TEXT,
    "project_id" TEXT,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "test" BOOLEAN NOT NULL DEFAULT false,
    "allowed_models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "parameters" "parameter_policy" NOT NULL DEFAULT 'lenient',
    "requests_per_minute" INTEGER,
    "tokens_per_minute" INTEGER,
    "concurrent" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "rotated_from_id" TEXT,
    "managed_by" TEXT,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_account" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT,
    "kind" "ledger_account_kind" NOT NULL,

    CONSTRAINT "ledger_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_posting" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT,
    "kind" "posting_kind" NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "reason" TEXT,
    "author_id" TEXT,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_posting_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "id" TEXT NOT NULL,
    "posting_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "organization_id" TEXT,
    "amount_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "organization_kind" NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "has_wallet" BOOLEAN NOT NULL,
    "member_budget_nano_usd" BIGINT,
    "member_budget_period" "budget_period",
    "managed_by" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" "member_role" NOT NULL,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" "member_role" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "invited_by_id" TEXT,
    "budget_nano_usd" BIGINT,
    "budget_period" "budget_period",
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "project" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "context_tokens" INTEGER,
    "output_tokens_max" INTEGER,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_version" (
    "id" TEXT NOT NULL,
    "rates" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_rule" (
    "id" TEXT NOT NULL,
    "kind" "price_kind" NOT NULL,
    "model" TEXT NOT NULL,
    "channel_id" TEXT,
    "organization_id" TEXT,
    "price_version_id" TEXT,
    "markup_ppm" INTEGER,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "managed_by" TEXT,
    "created_by_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quota" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT,
    "scope" "quota_scope" NOT NULL,
    "scope_id" TEXT NOT NULL,
    "unit" "quota_unit" NOT NULL,
    "window" "quota_window_kind" NOT NULL,
    "window_seconds" INTEGER,
    "limit" BIGINT NOT NULL,
    "inherited" BOOLEAN NOT NULL DEFAULT false,
    "managed_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "quota_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quota_window" (
    "quota_id" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "organization_id" TEXT,
    "used" BIGINT NOT NULL DEFAULT 0,
    "leased" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "quota_window_pkey" PRIMARY KEY ("quota_id","window_start")
);

-- CreateTable
CREATE TABLE "lease" (
    "id" TEXT NOT NULL,
    "process_id" TEXT NOT NULL,
    "quota_id" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "amount" BIGINT NOT NULL,
    "state" "lease_state" NOT NULL DEFAULT 'active',
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway_process" (
    "id" TEXT NOT NULL,
    "home_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),
    "replayed_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_process_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_record" (
    "id" TEXT NOT NULL,
    "admitted_at" TIMESTAMPTZ(3) NOT NULL,
    "organization_id" TEXT NOT NULL,
    "project_id" TEXT,
    "membership_id" TEXT,
    "key_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "upstream_model" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "credential_id" TEXT,
    "provider_id" TEXT NOT NULL,
    "dialect" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "test" BOOLEAN NOT NULL DEFAULT false,
    "streamed" BOOLEAN NOT NULL,
    "status" "usage_status" NOT NULL,
    "error_code" TEXT,
    "finish" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "response_id" TEXT,
    "route" JSONB,
    "input" BIGINT,
    "cache_read" BIGINT,
    "cache_write" BIGINT,
    "output" BIGINT,
    "reasoning" BIGINT,
    "usage" JSONB NOT NULL,
    "cost_price_id" TEXT NOT NULL,
    "sell_price_id" TEXT NOT NULL,
    "markup_ppm" INTEGER,
    "cost_nano_usd" BIGINT NOT NULL,
    "charged_nano_usd" BIGINT NOT NULL,
    "absorbed_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "hold_nano_usd" BIGINT NOT NULL,
    "posting_id" TEXT,
    "first_byte_ms" INTEGER,
    "duration_ms" INTEGER NOT NULL,
    "process_id" TEXT NOT NULL,
    "client_session" TEXT,

    CONSTRAINT "usage_record_pkey" PRIMARY KEY ("id","admitted_at")
) PARTITION BY RANGE ("admitted_at");

-- Rows whose day has no partition of its own yet; a worker makes the days ahead.
CREATE TABLE "usage_record_default" PARTITION OF "usage_record" DEFAULT;

-- CreateTable
CREATE TABLE "usage_hourly" (
    "organization_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "model" TEXT NOT NULL,
    "membership_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "test" BOOLEAN NOT NULL,
    "requests" BIGINT NOT NULL DEFAULT 0,
    "failures" BIGINT NOT NULL DEFAULT 0,
    "input" BIGINT NOT NULL DEFAULT 0,
    "cache_read" BIGINT NOT NULL DEFAULT 0,
    "cache_write" BIGINT NOT NULL DEFAULT 0,
    "output" BIGINT NOT NULL DEFAULT 0,
    "charged_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "cost_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "absorbed_nano_usd" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("organization_id","hour","model","membership_id","key_id","project_id","channel_id","test")
);

-- CreateIndex
CREATE INDEX "channel_organization_id_idx" ON "channel"("organization_id");

-- CreateIndex
CREATE INDEX "credential_channel_id_idx" ON "credential"("channel_id");

-- CreateIndex
CREATE INDEX "channel_model_name_idx" ON "channel_model"("name");

-- CreateIndex
CREATE UNIQUE INDEX "channel_model_channel_id_name_key" ON "channel_model"("channel_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE INDEX "sign_in_account_user_id_idx" ON "sign_in_account"("user_id");

-- CreateIndex
CREATE INDEX "sign_in_session_user_id_created_at_idx" ON "sign_in_session"("user_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "one_time_link_token_hash_key" ON "one_time_link"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_secret_hash_key" ON "api_key"("secret_hash");

-- CreateIndex
CREATE INDEX "api_key_organization_id_created_at_idx" ON "api_key"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "api_key_membership_id_idx" ON "api_key"("membership_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_account_organization_id_kind_key" ON "ledger_account"("organization_id", "kind");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_posting_idempotency_key_key" ON "ledger_posting"("idempotency_key");

-- CreateIndex
CREATE INDEX "ledger_posting_organization_id_created_at_idx" ON "ledger_posting"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "ledger_entry_posting_id_idx" ON "ledger_entry"("posting_id");

-- CreateIndex
CREATE INDEX "ledger_entry_account_id_idx" ON "ledger_entry"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "organization_slug_key" ON "organization"("slug");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_organization_id_user_id_key" ON "membership"("organization_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_organization_id_created_at_idx" ON "invitation"("organization_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "project_organization_id_name_key" ON "project"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "model_name_key" ON "model"("name");

-- CreateIndex
CREATE INDEX "price_rule_model_kind_effective_from_idx" ON "price_rule"("model", "kind", "effective_from");

-- CreateIndex
CREATE INDEX "quota_organization_id_idx" ON "quota"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "quota_scope_scope_id_unit_window_key" ON "quota"("scope", "scope_id", "unit", "window");

-- CreateIndex
CREATE INDEX "lease_state_deadline_idx" ON "lease"("state", "deadline");

-- CreateIndex
CREATE UNIQUE INDEX "lease_process_id_quota_id_window_start_key" ON "lease"("process_id", "quota_id", "window_start");

-- CreateIndex
CREATE INDEX "gateway_process_heartbeat_at_idx" ON "gateway_process"("heartbeat_at");

-- CreateIndex
CREATE INDEX "usage_record_organization_id_admitted_at_id_idx" ON "usage_record"("organization_id", "admitted_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "usage_record_posting_id_idx" ON "usage_record"("posting_id");

-- CreateIndex
CREATE INDEX "usage_hourly_hour_idx" ON "usage_hourly"("hour");

-- AddForeignKey
ALTER TABLE "credential" ADD CONSTRAINT "credential_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_model" ADD CONSTRAINT "channel_model_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_in_account" ADD CONSTRAINT "sign_in_account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_in_session" ADD CONSTRAINT "sign_in_session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_membership_id_fkey" FOREIGN KEY ("membership_id") REFERENCES "membership"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project" ADD CONSTRAINT "project_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quota_window" ADD CONSTRAINT "quota_window_quota_id_fkey" FOREIGN KEY ("quota_id") REFERENCES "quota"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
