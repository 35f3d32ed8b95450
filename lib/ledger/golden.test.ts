import { describe, expect, test } from "vitest"
import { catalogModels, sourcesOf } from "#lib/catalog/models.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { readCcCall } from "#lib/wire/cc/request.ts"
import { createCcStreamReader } from "#lib/wire/cc/stream.ts"
import { ccUsage } from "#lib/wire/cc/usage.ts"
import { charge, PPM } from "./charge.ts"
import type { Example, Reported } from "./golden/example.ts"
import { goldenTable } from "./golden/index.ts"
import { ratesInput } from "./rates.ts"

const NOON = "2026-11-25T12:00:00Z"

describe.each(goldenTable.map((example) => [`${example.vendor}, ${example.model}: ${example.name}`, example] as const))("%s", (_name, example) => {
  test("the sum comes out by hand", () => {
    const [left = "", right = ""] = example.sum.split(" = $")
    expect(sumOf(left)).toBe(decimal(right) * SCALE)
    expect(example.nanoUsd * NANO_SCALE).toBeGreaterThanOrEqual(sumOf(left))
    expect((example.nanoUsd - 1n) * NANO_SCALE).toBeLessThan(sumOf(left))
  })

  test("the charge is that sum, to the nano-dollar", () => {
    const usage = unitsOf(example.reported)
    const markupPpm = example.markup === undefined ? null : Number((decimal(example.markup) * PPM) / SCALE)
    const { nanoUsd } = charge(usage, ratesInput.parse(example.rates), { admittedAtMs: Date.parse(example.admittedAt ?? NOON), markupPpm })
    expect(nanoUsd).toBe(example.nanoUsd)
  })
})

test("the table has at least sixty examples over at least twelve vendors, each with its source", () => {
  expect(goldenTable.length).toBeGreaterThanOrEqual(60)
  expect(new Set(goldenTable.filter(({ source }) => !("tariff" in source)).map(({ vendor }) => vendor)).size).toBeGreaterThanOrEqual(12)
  expect(new Set(goldenTable.map(({ name }) => name)).size).toBe(goldenTable.length)
})

test("every price of a vendor names the vendor's page for it", () => {
  for (const { name, source } of goldenTable) {
    if ("tariff" in source) continue
    expect("page" in source ? source.page : source.vendorPage, name).toMatch(/^https:\/\/[\w.-]+\/\S+$/)
  }
})

test.each(fromCatalogue(goldenTable))("the price of %s %s is the catalogue's", (_seller, _id, rates, price) => {
  expect(ratesInput.parse(rates)).toEqual(ratesInput.parse(price))
})

/** Rows that the catalogue still has from the same packages: a newer list may have other prices. */
function fromCatalogue(examples: readonly Example[]) {
  return examples.flatMap(({ source, rates }) => {
    if (!("seller" in source)) return []
    const row = catalogModels().find((model) => model.seller === source.seller && model.id === source.model)
    return row !== undefined && sourcesOf(row).every((name) => source.packages.includes(name)) ? [[source.seller, source.model, rates, row.price] as const] : []
  })
}

/** Through the reading of the dialect that the provider speaks. */
function unitsOf(reported: Reported): Usage {
  if ("units" in reported) return reported.units
  const usage = "cc" in reported ? ccUsage(reported.cc, reported.serviceTier) : streamedUsage(reported.stream)
  if (usage === null) throw new Error("nothing was counted")
  return usage
}

function streamedUsage(reports: readonly object[]): Usage | null {
  const call = readCcCall(Buffer.from(JSON.stringify({ model: "public", messages: [{ role: "user", content: "hi" }], stream: true })))
  if (!call.ok) throw new Error(call.error.message)
  const reader = createCcStreamReader({ publicModel: "public", call: call.value })
  reports.forEach((usage, position) => {
    const choice = { index: 0, delta: { content: "a" }, finish_reason: position === reports.length - 1 ? "stop" : null }
    reader.push(Buffer.from(`data: ${JSON.stringify({ id: "chatcmpl-1", model: "upstream", choices: [choice], usage })}\n\n`))
  })
  reader.push(Buffer.from("data: [DONE]\n\n"))
  reader.end()
  return reader.seen.usage
}

/** A decimal number has at most this many decimals here. */
const DECIMALS = 12
const SCALE = 10n ** BigInt(DECIMALS)
/** Products of two decimals, counted in nano-dollars. */
const NANO_SCALE = (SCALE * SCALE) / 1_000_000_000n

const decimal = (text: string): bigint => {
  const [whole = "", fraction = ""] = text.replaceAll(",", "").split(".")
  return BigInt(whole) * SCALE + BigInt(fraction.padEnd(DECIMALS, "0"))
}

/** `(3 × $1.25/M + 2 × $0.01) × 1.1`, exact, with twice the decimals: arithmetic of its own, so that it cannot share a mistake. */
function sumOf(text: string): bigint {
  const [, inner = text, markup = "1"] = /^\((.*)\) × ([\d.]+)$/.exec(text) ?? []
  const terms = inner.split(" + ").map((term) => {
    const [, quantity = "", rate = "", perMillion] = /^([\d,.]+) × \$([\d.]+)(\/M)?$/.exec(term) ?? []
    if (quantity === "") throw new Error(`“${term}” is not quantity × price`)
    return (decimal(quantity) * decimal(rate)) / (perMillion === undefined ? 1n : 1_000_000n)
  })
  return (terms.reduce((sum, term) => sum + term, 0n) * decimal(markup)) / SCALE
}
