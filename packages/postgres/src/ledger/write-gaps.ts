import type { ScopedGap } from "@takings/domain";
import type { ClientBase } from "pg";

/** Identifies a gap. */
export type GapKey = Pick<ScopedGap, "kind" | "objectId" | "source" | "account" | "livemode">;

const openText = `
  insert into takings.gaps
    (kind, source, account, livemode, object_id, payment_intent, amount, currency, seen_at, event_id)
  select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::bigint[], $8::text[],
    $9::timestamptz[], $10::text[]
  )
  on conflict (object_id, kind, source, account, livemode) do update set
    (payment_intent, amount, currency, seen_at, event_id)
      = (excluded.payment_intent, excluded.amount, excluded.currency, excluded.seen_at, excluded.event_id)`;

/** Stores the gaps that are new or changed, and deletes those that are closed. */
export async function writeGaps(
  client: ClientBase,
  { opened, closed }: { readonly opened: readonly ScopedGap[]; readonly closed: readonly GapKey[] },
): Promise<void> {
  if (opened.length > 0) {
    await client.query({
      name: "open-gaps",
      text: openText,
      values: [
        opened.map(({ kind }) => kind),
        opened.map(({ source }) => source),
        opened.map(({ account }) => account ?? ""),
        opened.map(({ livemode }) => livemode),
        opened.map(({ objectId }) => objectId),
        opened.map(({ paymentIntent }) => paymentIntent ?? null),
        opened.map(({ amount }) => amount.toString()),
        opened.map(({ currency }) => currency),
        opened.map(({ seenBy }) => seenBy.created.toISOString()),
        opened.map(({ seenBy }) => seenBy.eventId),
      ],
    });
  }
  if (closed.length === 0) return;
  const keys = closed.map(({ kind, source, account, livemode, objectId }) => ({
    kind,
    source,
    account: account ?? "",
    livemode,
    object_id: objectId,
  }));
  await client.query("select takings.close_gaps($1)", [JSON.stringify(keys)]);
}
