import { isDeepStrictEqual } from "node:util";
import { createPaymentService, type EventRecord, type LedgerClaim } from "@takings/domain";
import { type Discrepancy, type KeptEvent, storableText, type Verification } from "@takings/postgres";
import { url } from "@takings/runtime";
import { isUnparsed, toEventRecord } from "@takings/wire";
import { z } from "zod";

/** The settings of whoever counts the store again. */
export const storeSettings = z.object({
  DATABASE_URL: url("postgres", "postgresql"),
  STRIPE_ACCOUNT_ID: z.string().optional(),
});

/** What an event means, read from its body again. */
export type Reread = (kept: KeptEvent & { readonly body: Buffer }) => EventRecord;

/** Reads bodies as the consumer does. */
export function rereadBy(platformAccount: string | undefined): Reread {
  const payments = createPaymentService(platformAccount);
  return (kept) => {
    const record = toEventRecord(kept, payments);
    return { ...record, type: storableText(record.type) };
  };
}

export type CountedEvents = {
  readonly events: number;
  /** Counted by the claims that were kept when their body was removed. */
  readonly withoutBody: number;
  readonly discrepancies: readonly Discrepancy[];
};

const progressEvery = 10_000;

/** Adds what all events claim to the recount, from their bodies where they are, and holds the events against them. */
export async function recountEvents(verification: Verification, reread: Reread): Promise<CountedEvents> {
  const discrepancies: Discrepancy[] = [];
  let events = 0;
  let withoutBody = 0;
  for await (const page of verification.events()) {
    const claims: LedgerClaim[] = [];
    for (const kept of page) {
      const judged = judge(kept, reread);
      const faults = judged.faults.map(
        (detail): Discrepancy => ({ where: "events", id: kept.eventId, detail }),
      );
      discrepancies.push(...faults);
      claims.push(...judged.claims);
      if (kept.body === "removed") withoutBody += 1;
    }
    await verification.recount.add(claims);
    events += page.length;
    if (events % progressEvery === 0) process.stderr.write(`${events} events counted\n`);
  }
  return { events, withoutBody, discrepancies };
}

/** What of an event does not fit its body, and what it claims: by its body while there is one. */
function judge(
  kept: KeptEvent,
  reread: Reread,
): { readonly faults: readonly string[]; readonly claims: readonly LedgerClaim[] } {
  const stored = kept.claims instanceof Error ? [] : kept.claims;
  const faults = kept.claims instanceof Error ? [kept.claims.message] : [];
  if (kept.body instanceof Error) return { faults: [...faults, kept.body.message], claims: stored };
  if (kept.body === "removed") return { faults, claims: stored };
  // Nobody looks into it: that ended the consumer.
  if (isUnparsed(kept)) return { faults, claims: stored };
  const read = reread({ ...kept, body: kept.body });
  const checked = ["eventId", "type", "created", "livemode", "account", "objectId", "paymentIntent"] as const;
  for (const name of checked) {
    if (!isDeepStrictEqual(kept[name], read[name]))
      faults.push(`${name} is ${show(kept[name])}, by its body ${show(read[name])}`);
  }
  // The store may have refused what the body says; then it is quarantined although its body can be understood.
  const isRefused = kept.status === "quarantined" && read.status === "processed";
  if (kept.status === "processed" && read.status === "quarantined")
    faults.push(`is processed, but: ${read.reason}`);
  const claims = isRefused ? [] : read.claims;
  if (!isDeepStrictEqual(claims, stored)) faults.push("its claims are not those of its body");
  return { faults, claims };
}

function show(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
