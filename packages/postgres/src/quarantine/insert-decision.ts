import type { EventKey, Moment } from "@takings/domain";
import type { ClientBase } from "pg";

/** Who decides (by default the login) and why. It is stored with the decision. */
export type Decider = { readonly by?: string | undefined; readonly note?: string | undefined };

const insertDecisionText = `
  insert into takings.quarantine_decisions (event_id, source, decision, decided_at, decided_by, reason, note)
  values ($1, $2, $3, $4, coalesce($5, session_user), $6, $7)`;

/** A decision about a quarantined event. `reason`: why the event was in quarantine. */
type DecisionRecord = {
  readonly event: EventKey;
  readonly decision: "replayed" | "dismissed";
  readonly decidedAt: Moment;
  readonly reason: string;
  readonly decider: Decider;
};

/** Stores a decision, in the client's open transaction. */
export async function insertDecision(
  client: ClientBase,
  { event, decision, decidedAt, reason, decider }: DecisionRecord,
): Promise<void> {
  await client.query(insertDecisionText, [
    event.eventId,
    event.source,
    decision,
    decidedAt,
    decider.by ?? null,
    reason,
    decider.note ?? null,
  ]);
}
