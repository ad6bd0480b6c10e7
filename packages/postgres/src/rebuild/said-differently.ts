import { isDeepStrictEqual } from "node:util";
import type { EventRecord } from "@takings/domain";
import { type SaidFact, saidFacts } from "../balance/said-fact.ts";
import { isSameBalance } from "../columns/balance-column.ts";
import type { EventWithBody } from "./stored-events.ts";

/** What an event states about the balance, before and after a rewrite; empty where it states the same. */
export function saidDifferently({
  before,
  record,
}: {
  readonly before: EventWithBody;
  readonly record: Omit<EventRecord, "payload" | "receivedAt">;
}): readonly SaidFact[] {
  const { balance, receivedAt } = before;
  const known = balance instanceof Error ? undefined : balance;
  const isSame =
    !(balance instanceof Error) &&
    isSameBalance(known, record.balance) &&
    (["created", "livemode", "account"] as const).every((name) =>
      isDeepStrictEqual(before[name], record[name]),
    );
  if (isSame) return [];
  return [...saidFacts({ ...before, balance: known }), ...saidFacts({ ...record, receivedAt })];
}
