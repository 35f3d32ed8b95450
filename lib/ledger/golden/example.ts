import type { z } from "zod"
import type { Usage } from "#lib/kernel/usage.ts"
import type { ratesObject } from "../rates.ts"

/**
 * A price that was read off the vendor's own page, a list price of our catalogue with the packages that it came from, or a tariff
 * of the house's own. `vendorPage`: where the vendor publishes it, for whoever wants to look; `confirmed`: the page on which the packages'
 * token prices were found as well (of tiers and searches no page was read).
 */
export type Source =
  | Page
  | { readonly seller: Seller; readonly model: string; readonly packages: readonly string[]; readonly vendorPage: string; readonly confirmed?: Page }
  | { readonly tariff: string }

type Page = { readonly page: string; readonly read: string }

/** As the provider reports it: the `usage` object of a chat completion, those of a stream's chunks, or our units where no dialect of ours reads it. */
export type Reported =
  | { readonly cc: object; readonly serviceTier?: string }
  | { readonly stream: readonly object[] }
  | { readonly units: Usage }

/** One request, what it was priced at and what it must cost, worked by hand. */
export type Example = {
  /** The mistake that this example would catch. */
  readonly name: string
  readonly vendor: string
  readonly model: string
  readonly source: Source
  /** As people write it in turnpike.yaml. */
  readonly rates: z.input<typeof ratesObject>
  readonly reported: Reported
  /** Absent: a Wednesday's noon, UTC. */
  readonly admittedAt?: string
  /** What the whole sum is multiplied by. */
  readonly markup?: string
  /** Quantity × dollars per million tokens (`/M`) or each, and what that comes to exactly. */
  readonly sum: string
  /** The same in nano-dollars, rounded up. */
  readonly nanoUsd: bigint
}

/** When the vendors' pages were read. */
const READ = "2026-11-25"

/** The maintainers' packages that lib/catalog/models.json was made of when these examples were worked. */
const PACKAGES = ["@earendil-works/pi-ai@1.5.2", "@pydantic/genai-prices@0.1.8", "@mastra/core@1.71.0"]

/** Where the sellers of the examples publish their prices. */
const vendorPages = {
  anthropic: "https://platform.claude.com/docs/en/about-claude/pricing",
  gemini: "https://ai.google.dev/gemini-api/docs/pricing",
  groq: "https://groq.com/pricing",
  minimax: "https://platform.minimax.io/docs/guides/pricing-paygo",
  mistral: "https://mistral.ai/pricing",
  moonshot: "https://platform.kimi.ai/docs/pricing/chat",
  openai: "https://developers.openai.com/api/docs/pricing",
  openrouter: "https://openrouter.ai/models",
  zai: "https://docs.z.ai/guides/overview/pricing",
  zhipu: "https://bigmodel.cn/pricing",
} as const
type Seller = keyof typeof vendorPages

export const page = (address: string): Page => ({ page: `https://${address}`, read: READ })

export const catalogue = (seller: Seller, model: string, confirmed?: Page): Source => ({ seller, model, packages: PACKAGES, vendorPage: vendorPages[seller], ...(confirmed !== undefined && { confirmed }) })
