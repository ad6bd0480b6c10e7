import { messageIdOf, rulesVersion } from "@takings/domain";
import type { Pool } from "pg";
import type { PayloadCodec } from "../columns/payload-codec.ts";
import type { ContradictingReading } from "./compared-balance.ts";
import { type Decide, rewriteEvents, type RewriteResult } from "./rewrite-events.ts";

/**
 * Puts readings that contradict an earlier one into quarantine. The consumer does that when it records them; two readings
 * can also come to contradict each other afterwards, when the platform's own account is changed. Must run as the owner of
 * the tables.
 */
export function quarantineReadings(
  pool: Pool,
  codec: PayloadCodec,
  contradicting: readonly ContradictingReading[],
): Promise<RewriteResult> {
  const reasons = new Map(contradicting.map((reading) => [messageIdOf(reading), reading.reason]));
  const decide: Decide = (stored) => {
    const { body: _body, receivedAt: _receivedAt, isLinked: _isLinked, ...record } = stored;
    const reason = reasons.get(messageIdOf(stored));
    if (reason === undefined || stored.status === "quarantined") return undefined;
    const without = { facts: undefined, balance: undefined, rules: rulesVersion };
    return { ...record, ...without, status: "quarantined", reason };
  };
  return rewriteEvents(pool, codec, contradicting, decide);
}
