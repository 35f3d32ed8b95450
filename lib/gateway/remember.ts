import type { GatewayPorts } from "./ports.ts"
import type { Delivery, Ending, Relaying } from "./stages.ts"

/** Hands a whole answer over to be kept, behind its end: nobody waits for it. What broke off is no answer. */
export function remember({ keeping, delivery }: Relaying, { status, responseId }: Ending, { responses }: Pick<GatewayPorts, "responses">): void {
  if (keeping === undefined || keeping === null || responseId === null || (status !== "complete" && status !== "estimated")) return
  const answer = wholeAnswer(delivery)
  if (answer === null) return
  const { memory, owner, call, holding } = keeping
  responses.keep(owner, { id: responseId, previousId: memory.references(call).previousId, record: () => memory.record(call, holding, answer) })
}

function wholeAnswer(delivery: Delivery): Buffer | null {
  switch (delivery.kind) {
    case "answer":
      if (delivery.whole !== undefined) return delivery.whole
      return typeof delivery.body === "string" ? Buffer.from(delivery.body, "latin1") : delivery.body
    case "stream":
      return delivery.stream.answer()
    case "nothing":
    case "abandoned":
      return null
  }
}
