import type { EventKey, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { writeError } from "../session/database-errors.ts";
import { runRead } from "../session/run-read.ts";

/** A quarantined event, without its payload. */
export type QuarantinedEvent = {
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly created: Moment;
  readonly receivedAt: Moment;
  readonly reason: string;
  /** When a person decided that it has no effect on the ledger. */
  readonly dismissedAt: Moment | null;
};

/** Selects quarantined events; a filter that is absent matches all. */
export type QuarantineFilter = {
  /** A part of the reason, in any case. */
  readonly reason?: string | undefined;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  /** Includes those that were dismissed. */
  readonly dismissed?: boolean | undefined;
};

/** A decision about a quarantined event. */
export type QuarantineDecision = {
  readonly decision: "replayed" | "dismissed";
  readonly decidedAt: Moment;
  readonly decidedBy: string;
  readonly reason: string;
  readonly note: string | null;
};

const listText = `
  select event_id, source, type, ${momentText("created")} as created_text,
    ${momentText("received_at")} as received_text, reason, ${momentText("dismissed_at")} as dismissed_text
  from takings.events
  where status = 'quarantined' and ($1 or dismissed_at is null)
    and ($2::text is null or strpos(lower(reason), lower($2)) > 0)
    and ($3::text is null or type = $3)
    and ($4::text is null or source = $4)
  order by recorded_at, event_id, source`;

const decisionsText = `
  select decision, ${momentText("decided_at")} as decided_text, decided_by, reason, note
  from takings.quarantine_decisions where event_id = $1 and source = $2 order by decided_at`;

const eventRow = z.object({
  event_id: z.string(),
  source: z.string(),
  type: z.string(),
  created_text: z.string(),
  received_text: z.string(),
  reason: z.string(),
  dismissed_text: z.string().nullable(),
});

const decisionRow = z.object({
  decision: z.enum(["replayed", "dismissed"]),
  decided_text: z.string(),
  decided_by: z.string(),
  reason: z.string(),
  note: z.string().nullable(),
});

/** The quarantined events in the order of their recording. @throws TakingsError `unavailable` */
export function readQuarantine(pool: Pool, filter: QuarantineFilter): Promise<QuarantinedEvent[]> {
  const parse = (found: unknown): QuarantinedEvent => {
    const row = eventRow.parse(found);
    return {
      eventId: row.event_id,
      source: row.source,
      type: row.type,
      created: row.created_text,
      receivedAt: row.received_text,
      reason: row.reason,
      dismissedAt: row.dismissed_text,
    };
  };
  const { dismissed, reason, type, source } = filter;
  const values = [dismissed === true, reason ?? null, type ?? null, source ?? null];
  return runRead(pool, { what: "the quarantine", text: listText, values, parse });
}

/** The decisions about an event, oldest first. @throws TakingsError `unavailable` */
export function readDecisions(pool: Pool, { eventId, source }: EventKey): Promise<QuarantineDecision[]> {
  const parse = (found: unknown): QuarantineDecision => {
    const { decided_text: decidedAt, decided_by: decidedBy, ...rest } = decisionRow.parse(found);
    return { ...rest, decidedAt, decidedBy };
  };
  return runRead(pool, { what: "decisions", text: decisionsText, values: [eventId, source], parse });
}

const countText = `
  select name as source, count(event_id) as open
  from takings.sources
  left join takings.events on source = name and status = 'quarantined' and dismissed_at is null
  group by name`;
const countRow = z.object({ source: z.string(), open: z.coerce.number() });

/** How many quarantined events of a source await a decision. */
export type QuarantineCount = { readonly source: string; readonly open: number };

/**
 * Counts the quarantined events of each source that await a decision, also of sources without any. Reads an index that
 * contains only those.
 * @throws TakingsError `unavailable`
 */
export async function countOpenQuarantine(pool: Pool): Promise<readonly QuarantineCount[]> {
  try {
    const { rows } = await pool.query<Record<string, unknown>>(countText);
    return rows.map((row) => countRow.parse(row));
  } catch (error) {
    throw writeError(error, "counting quarantined events");
  }
}
