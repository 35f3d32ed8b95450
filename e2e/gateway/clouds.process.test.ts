import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awsAccessKey, cloudChannel, type CloudKind, entraCredential } from "#e2e/fixtures/clouds/cloud-channels.ts"
import { type CloudSimulator, startCloudSimulator } from "#e2e/fixtures/clouds/cloud-simulator.ts"
import { createInstallation, type Installation, type Mount, type RunningServer, untilServed } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"
import { keys, mounts } from "./stage.ts"

/** A call through each cloud's transport, streamed and not, from turnpike.yaml to the cloud's own checks and back. One suite, both mounts. */

const CLAUDE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
const NOVA = "amazon.nova-pro-v1:0"
const GEMINI_PATH = "/vertex/v1/projects/sim-project/locations/us-east5/publishers/google/models/gemini-3.8-flash:generateContent"
const price = { input: "1", output: "2" }
const { accessKeyId, sessionToken } = awsAccessKey

let makers: ProviderSimulator
let clouds: CloudSimulator
let installation: Installation
let servers: Readonly<Record<Mount, RunningServer>>

function channels() {
  const channel = (name: string, kind: CloudKind, upstream: string, credential?: unknown) => ({
    name,
    ...cloudChannel(clouds, kind, credential),
    models: [{ name, upstream }],
    allowPrivateNetwork: true,
  })
  const second = channel("second", "bedrock", NOVA)
  return [
    channel("azure-dated", "azure-dated", "my-deployment"),
    channel("azure-v1", "azure-v1", "gpt-4o-mini"),
    channel("bedrock-nova", "bedrock", NOVA),
    channel("bedrock-key", "bedrock-key", NOVA),
    channel("bedrock-claude", "bedrock", CLAUDE, { secret: awsAccessKey }),
    channel("vertex-claude", "vertex", "claude-sonnet-4-5@20250929", JSON.stringify(clouds.serviceAccount)),
    channel("vertex-gemini", "vertex", "gemini-3.8-flash"),
    channel("vertex-text", "vertex", "text-embedding-005"),
    channel("vertex-embedding", "vertex", "gemini-embedding-2"),
    channel("refused", "bedrock", NOVA, { ...awsAccessKey, secretAccessKey: "another-secret-altogether" }),
    channel("tokenless", "azure-v1", "gpt-4o-mini", { ...entraCredential(clouds), clientSecret: "not-the-secret-of-the-app" }),
    { ...second, models: [{ name: "refused", upstream: NOVA }, { name: "tokenless", upstream: NOVA }], priority: 20 },
  ]
}

const member = { email: "ann@acme.example", role: "owner", password: "a password of the clouds' stage" }

beforeAll(async () => {
  ;[makers, installation] = await Promise.all([startProviderSimulator(), createInstallation()])
  clouds = await startCloudSimulator(makers)
  servers = { fast: await installation.start({ mount: "fast" }), next: await installation.start({ mount: "next" }) }
  const served = channels()
  await installation.apply({
    version: 1,
    channels: served,
    models: served.flatMap(({ models: [model] }) => (model === undefined || model.name === "second" ? [] : [{ name: model.name, price, cost: price }])).filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index),
    organizations: [{ name: "Acme", kind: "internal", timeZone: "UTC", members: [member], keys: [{ name: "open", member: member.email, secret: keys.open }] }],
  })
  await Promise.all(mounts.map((mount) => untilServed(servers[mount], keys.open, "azure-dated")))
})
afterAll(async () => {
  await installation?.stop()
  await clouds?.close()
  await makers?.close()
})

const events = (text: string) => [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as { type?: string; delta?: { text?: string }; choices?: { delta?: { content?: string }; finish_reason?: string | null }[] })
const reached = (cloud: string) => clouds.calls.filter((call) => call.cloud === cloud).at(-1)

describe.each(mounts)("the %s mount", (mount) => {
  /** Tokens that the other process has fetched. */
  let grantedBefore = 0
  beforeAll(() => {
    grantedBefore = clouds.desk.grants.length
  })

  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${servers[mount].origin}/api/v1${path}`, { method: "POST", headers: { authorization: `Bearer ${keys.open}`, "content-type": "application/json", ...headers }, body: JSON.stringify(body) })
  const chat = (model: string, fields: object = {}) => post("/chat/completions", { model, messages: [{ role: "user", content: "hello there" }], ...fields })
  const claude = (model: string, fields: object = {}) => post("/messages", { model, max_tokens: 100, messages: [{ role: "user", content: "hello there" }], ...fields }, { "anthropic-version": "2023-06-01" })
  describe.each([
    ["azure-dated", "azure", `/azure/openai/deployments/my-deployment/chat/completions`],
    ["azure-v1", "azure", "/azure/openai/v1/chat/completions"],
    ["bedrock-nova", "bedrock", "/bedrock/model/amazon.nova-pro-v1:0/converse"],
    ["bedrock-key", "bedrock", "/bedrock/model/amazon.nova-pro-v1:0/converse"],
    ["bedrock-claude", "bedrock", `/bedrock/model/${CLAUDE}/converse`],
    ["vertex-claude", "vertex", "/vertex/v1/projects/sim-project/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict"],
    ["vertex-gemini", "vertex", GEMINI_PATH],
  ])("OpenAI's clients reach %s", (model, cloud, path) => {
    test("unstreamed", async () => {
      const answer = await chat(model)
      expect(await answer.json()).toMatchObject({ object: "chat.completion", model, choices: [{ message: { role: "assistant", content: "You said: hello there" }, finish_reason: "stop" }], usage: { total_tokens: expect.any(Number) as number } })
      expect(answer.status).toBe(200)
      expect(reached(cloud)).toMatchObject({ path, admitted: true })
    })

    test("streamed", async () => {
      const answer = await chat(model, { stream: true })
      const text = await answer.text()
      expect(events(text).map(({ choices }) => choices?.[0]?.delta?.content ?? "").join("")).toBe("You said: hello there")
      expect(events(text).flatMap(({ choices }) => choices?.[0]?.finish_reason ?? [])).toEqual(["stop"])
      expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true)
      expect(reached(cloud)).toMatchObject({ path: path.replace(/converse$/, "converse-stream").replace(":rawPredict", ":streamRawPredict").replace(":generateContent", ":streamGenerateContent"), admitted: true })
    })
  })

  test.each([
    ["generateContent", GEMINI_PATH],
    ["streamGenerateContent?alt=sse", GEMINI_PATH.replace("generateContent", "streamGenerateContent")],
  ])("Gemini's clients reach vertex-gemini by %s", async (operation, path) => {
    const answer = await post(`beta/models/vertex-gemini:${operation}`, { contents: [{ role: "user", parts: [{ text: "hello there" }] }] })
    expect([...(await answer.text()).matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text).join("")).toBe("You said: hello there")
    expect(reached("vertex")).toMatchObject({ path, admitted: true })
  })

  describe.each([
    ["bedrock-claude", "bedrock", `/bedrock/model/${CLAUDE}/invoke`, `/bedrock/model/${CLAUDE}/invoke-with-response-stream`],
    ["vertex-claude", "vertex", "/vertex/v1/projects/sim-project/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict", undefined],
    ["bedrock-nova", "bedrock", "/bedrock/model/amazon.nova-pro-v1:0/converse", "/bedrock/model/amazon.nova-pro-v1:0/converse-stream"],
  ])("Anthropic's clients reach %s", (model, cloud, path, streamPath = path.replace(":rawPredict", ":streamRawPredict")) => {
    test("unstreamed", async () => {
      const answer = await claude(model)
      expect(await answer.json()).toMatchObject({ type: "message", model, content: [{ type: "text", text: "You said: hello there" }], stop_reason: "end_turn", usage: { input_tokens: expect.any(Number) as number } })
      expect(reached(cloud)).toMatchObject({ path, admitted: true })
    })

    test("streamed", async () => {
      const read = events(await (await claude(model, { stream: true })).text())
      expect(read.map(({ type }) => type).filter((type, index, all) => type !== "ping" && type !== all[index - 1])).toEqual(["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"])
      expect(read.map(({ delta }) => delta?.text ?? "").join("")).toBe("You said: hello there")
      expect(reached(cloud)).toMatchObject({ path: streamPath, admitted: true })
    })

    test("with a tool that must be called", async () => {
      const answer = await claude(model, { tools: [{ name: "weather", input_schema: { type: "object", properties: {} } }], tool_choice: { type: "any" } })
      expect(await answer.json()).toMatchObject({ stop_reason: "tool_use", content: [{ type: "tool_use", name: "weather" }] })
    })
  })

  test("Vertex embeds the texts of OpenAI's clients and of Gemini's, each model in its own way", async () => {
    const texts = await post("/embeddings", { model: "vertex-text", input: ["ab", "abcd"], encoding_format: "float" })
    expect(await texts.json()).toMatchObject({ model: "vertex-text", data: [{ embedding: [2] }, { embedding: [4] }], usage: { prompt_tokens: 6 } })
    const one = await post("beta/models/vertex-embedding:embedContent", { content: { parts: [{ text: "abc" }] }, taskType: "RETRIEVAL_QUERY" })
    expect(await one.json()).toMatchObject({ embedding: { values: [3] }, usageMetadata: { promptTokenCount: 4 } })
    expect(clouds.calls.slice(-2).map(({ path, admitted }) => [path.split("/").at(-1), admitted])).toEqual([["text-embedding-005:predict", true], ["gemini-embedding-2:embedContent", true]])
    expect((await post("/embeddings", { model: "vertex-embedding", input: ["a", "b"] })).status).toBe(400)
  })

  test("Vertex counts Gemini's tokens in its own words", async () => {
    const answer = await post("beta/models/vertex-gemini:countTokens", { contents: [{ role: "user", parts: [{ text: "hello there" }] }] })
    expect(await answer.json()).toMatchObject({ totalTokens: 7 })
    expect(reached("vertex")?.path).toBe(GEMINI_PATH.replace("generateContent", "countTokens"))
  })

  test("Vertex and Bedrock count Claude's tokens; those of a model that Bedrock does not count are estimated, which a header says", async () => {
    const count = (model: string) => post("/messages/count_tokens", { model, messages: [{ role: "user", content: "hello there" }] }, { "anthropic-version": "2023-06-01" })
    const vertex = await count("vertex-claude")
    expect(await vertex.json()).toEqual({ input_tokens: expect.any(Number) as number })
    expect(reached("vertex")).toMatchObject({ path: "/vertex/v1/projects/sim-project/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict", body: { model: "claude-sonnet-4-5@20250929" } })
    const claude = await count("bedrock-claude")
    expect(await claude.json()).toEqual({ input_tokens: expect.any(Number) as number })
    expect(reached("bedrock")).toMatchObject({ path: expect.stringMatching(/\/model\/anthropic\.claude[^/]+\/count-tokens$/) as string, admitted: true })
    const others = await count("bedrock-nova")
    expect([vertex, claude, others].map(({ headers }) => headers.get("x-turnpike-changed"))).toEqual([null, null, "input_tokens=estimated"])
  })

  test("an access token is fetched once and used by all that need it", async () => {
    await Promise.all(Array.from({ length: 6 }, () => chat("vertex-claude").then((answer) => answer.text())))
    const granted = clouds.desk.grants.slice(grantedBefore)
    for (const desk of ["google", "entra"]) expect(granted.filter((token) => token.startsWith(desk))).toHaveLength(1)
  })

  test.each(["refused", "tokenless"])("a credential that the cloud refuses (%s) is the operator's affair: the next channel answers, and no secret reaches the caller", async (model) => {
    const answer = await chat(model)
    expect([answer.status, answer.headers.get("x-turnpike-channel")]).toEqual([200, "second"])
    const words = JSON.stringify([await answer.json(), ...answer.headers])
    for (const secret of ["another-secret-altogether", "not-the-secret-of-the-app", accessKeyId, sessionToken]) expect(words).not.toContain(secret)
    expect(servers[mount].output()).not.toContain("another-secret-altogether")
    expect(servers[mount].output()).not.toContain("not-the-secret-of-the-app")
  })
})

test("no header of the caller's own credential reaches a cloud", () => {
  expect(clouds.calls.filter(({ headers }) => JSON.stringify(headers).includes(keys.open))).toEqual([])
})
