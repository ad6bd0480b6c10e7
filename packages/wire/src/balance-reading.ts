import { createHash } from "node:crypto";
import type { BalanceStatement } from "@takings/domain";
import { readBalance, readingTypes } from "./balance-objects.ts";
import { stringifyExactJson } from "./exact-json.ts";
import type { EventBody } from "./listed-event.ts";
import type { ObjectOrigin } from "./synthesize-event.ts";

/** An object of Stripe's API, as parsed by `parseExactJson`, with what its own fields do not say. */
export type BalanceObject =
  | {
      readonly kind: "transaction";
      readonly object: unknown;
      /** The payout whose list contained it; `null`: it is in no list any more; absent: not known from this reading. */
      readonly payout?: string | null;
    }
  | {
      readonly kind: "payout";
      readonly object: unknown;
      /** How many members Stripe lists; absent: they were not read, or are not committed yet. */
      readonly members?: number;
    };

/** When an object was read. */
export type ReadTime = {
  /** When the round began. The same object read again in the same round, unchanged, is the same event. */
  readonly round: Date;
  /** When it was read, by Stripe's clock; whole seconds count. */
  readonly at: Date;
  /**
   * What was known of the object, where it differs. An object that changes and changes back in one round has another
   * event for the second change, or the first one would be the latest.
   */
  readonly known?: string | undefined;
};

/** What a reading of this object states: the same as its event. */
export function statementOf({ kind, object, ...reading }: BalanceObject): BalanceStatement | undefined {
  return readBalance(readingTypes[kind], { data: { object }, reading });
}

/** The event that records a reading, with the object exactly as it was read. Anything can be recorded. */
export function balanceReading(
  { kind, object, ...reading }: BalanceObject,
  { livemode, account, apiVersion }: ObjectOrigin,
  { round, at, known }: ReadTime,
): EventBody {
  const type = readingTypes[kind];
  const json = stringifyExactJson(object);
  const created = new Date(Math.floor(at.getTime() / 1_000) * 1_000);
  const key = [account ?? "", String(livemode), type, round.toISOString(), JSON.stringify(reading), json];
  if (known !== undefined) key.push(known);
  const hash = createHash("sha256").update(key.join("\0")).digest("hex").slice(0, 40);
  const id = `evt_balance_${kind}_${hash}`;
  const envelope = JSON.stringify({
    id,
    object: "event",
    api_version: apiVersion,
    ...(account !== null && { account }),
    created: created.getTime() / 1_000,
    livemode,
    type,
    made_by: "takings balance sync",
    reading,
  });
  const body = Buffer.from(`${envelope.slice(0, -1)},"data":{"object":${json}}}`);
  return { id, type, created, body };
}
