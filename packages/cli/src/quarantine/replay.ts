import { createPaymentService, type EventKey, messageIdOf, TakingsError } from "@takings/domain";
import {
  type ConfiguredAccounts,
  createPayloadCodec,
  type Decider,
  type QuarantineFilter,
  type PlatformAccounts,
  readPlatformAccounts,
  readQuarantine,
  replayQuarantined,
} from "@takings/postgres";
import { toEventRecord } from "@takings/wire";
import type { Print } from "../command.ts";
import type { Pool } from "../connections/database.ts";

/** Selects the events to replay when they are not given by id, of all sources unless it names one. */
export type ReplaySelection = QuarantineFilter & { readonly all?: true };

type ReplayRequest = {
  readonly events: readonly EventKey[];
  readonly selection: ReplaySelection;
  readonly decider: Decider;
  readonly configured: ConfiguredAccounts;
};

/** After this many consecutive events that could not be attempted, the database is the cause and not the events. */
const maxUnavailable = 3;

/** Replays events one by one. Sets the exit code to 1 if any of them stays in quarantine. */
export async function replay(pool: Pool, print: Print, request: ReplayRequest): Promise<void> {
  const { selection, decider, configured } = request;
  const { all, ...filter } = selection;
  const bySelection = all === true || filter.reason !== undefined || filter.type !== undefined;
  if (bySelection === request.events.length > 0) {
    throw new Error("give either event ids, or --all, --reason or --type");
  }
  const { accounts, remarks } = await readPlatformAccounts(pool, configured);
  for (const remark of remarks) print(remark);
  const events = bySelection ? await readQuarantine(pool, filter) : request.events;
  const replayOne = createReplayer(pool, accounts, decider);
  let processed = 0;
  let unavailableInARow = 0;
  for (const event of events) {
    // An event that fails stays in quarantine and does not keep the others from being replayed.
    const { outcome, line, error } = await replayOne(event);
    print(line);
    if (outcome === "processed") processed += 1;
    unavailableInARow = error?.code === "unavailable" ? unavailableInARow + 1 : 0;
    if (unavailableInARow === maxUnavailable && error !== undefined) throw error;
  }
  print(`${processed} of ${events.length} event(s) were processed`);
  if (processed < events.length) process.exitCode = 1;
}

function describeChange(entries: number, balance: number): string {
  const rows = balance === 0 ? "" : `, ${balance} balance transactions and payouts changed`;
  return `${entries} ledger entries changed${rows}`;
}

type Replayed = {
  readonly outcome: "processed" | "kept";
  readonly line: string;
  readonly error?: TakingsError;
};

function createReplayer(
  pool: Pool,
  accounts: PlatformAccounts["accounts"],
  decider: Decider,
): (event: EventKey) => Promise<Replayed> {
  const codec = createPayloadCodec();
  const payments = createPaymentService((source) => accounts.get(source));
  const read = (stored: Parameters<typeof toEventRecord>[0]) => toEventRecord(stored, payments);
  return async ({ source, eventId }) => {
    const event = { source, eventId };
    try {
      const result = await replayQuarantined(pool, codec, { event, read, decider });
      const detail =
        result.outcome === "processed" ? describeChange(result.entries, result.balance) : result.reason;
      return { outcome: result.outcome, line: `${messageIdOf(event)} ${result.outcome}: ${detail}` };
    } catch (error) {
      const line = `${messageIdOf(event)} kept: ${error instanceof Error ? error.message : String(error)}`;
      return { outcome: "kept", line, ...(error instanceof TakingsError && { error }) };
    }
  };
}
