import type { PaymentReader } from "@takings/domain";
import type { Pool } from "pg";
import { createPayloadCodec } from "../columns/payload-codec.ts";
import { platformsOf } from "./platforms-of.ts";
import { findObjects } from "./find-objects.ts";
import { readChanges } from "./read-changes.ts";
import { readEntries } from "./read-entries.ts";
import { readEvent } from "./read-event.ts";
import { readEvents } from "./read-events.ts";
import { readExtent } from "./read-extent.ts";
import { readGaps } from "./read-gaps.ts";
import { readSafeReadTime } from "../record/recorded-time.ts";
import { readPayment } from "./read-payment.ts";
import { readSums } from "./read-sums.ts";
import { readReconciliations } from "../reconcile/reconciliation-row.ts";

/** Creates the reader over a pool with the role `takings_reader`. Every method may throw TakingsError `unavailable`. */
export function createPaymentReader(pool: Pool): PaymentReader {
  const codec = createPayloadCodec();
  return {
    safeReadTime: () => readSafeReadTime(pool),
    sums: (filter, boundaries) => readSums(pool, filter, boundaries),
    extent: (filter) => readExtent(pool, filter),
    entries: (filter, page) => readEntries(pool, filter, page),
    changes: (filter, since, page) => readChanges(pool, filter, since, page),
    events: (filter, page) => readEvents(pool, filter, page),
    event: (eventId, source) => readEvent(pool, codec, eventId, source),
    payment: (paymentIntent, source, asOf) => readPayment(pool, paymentIntent, source, asOf),
    gaps: (filter, page) => readGaps(pool, filter, page),
    find: (id, source) => findObjects(pool, id, source),
    platformsOf: async (account) => (await platformsOf(pool, account)) ?? [],
    reconciliations: () => readReconciliations(pool),
  };
}
