import { createPaymentService, TakingsError } from "@takings/domain";
import {
  createPayloadCodec,
  type Decider,
  type QuarantineFilter,
  readPlatformAccount,
  readQuarantine,
  replayQuarantined,
} from "@takings/postgres";
import { toEventRecord } from "@takings/wire";
import type { Print } from "../command.ts";
import type { Pool } from "../connections/database.ts";

/** Selects the events to replay when they are not given by id. */
export type ReplaySelection = QuarantineFilter & { readonly all?: true };

type ReplayRequest = {
  readonly eventIds: readonly string[];
  readonly selection: ReplaySelection;
  readonly decider: Decider;
  readonly configuredAccount: string | undefined;
};

/** After this many consecutive events that could not be attempted, the database is the cause and not the events. */
const maxUnavailable = 3;

/** Replays events one by one. Sets the exit code to 1 if any of them stays in quarantine. */
export async function replay(pool: Pool, print: Print, request: ReplayRequest): Promise<void> {
  const { eventIds, selection, decider, configuredAccount } = request;
  const { all, ...filter } = selection;
  const bySelection = all === true || filter.reason !== undefined || filter.type !== undefined;
  if (bySelection === eventIds.length > 0) {
    throw new Error("give either event ids, or --all, --reason or --type");
  }
  const { account, remarks } = await readPlatformAccount(pool, configuredAccount);
  for (const remark of remarks) print(remark);
  const ids = bySelection ? (await readQuarantine(pool, filter)).map(({ eventId }) => eventId) : eventIds;
  const replayOne = createReplayer(pool, account, decider);
  let processed = 0;
  let unavailableInARow = 0;
  for (const eventId of ids) {
    // An event that fails stays in quarantine and does not keep the others from being replayed.
    const { outcome, line, error } = await replayOne(eventId);
    print(line);
    if (outcome === "processed") processed += 1;
    unavailableInARow = error?.code === "unavailable" ? unavailableInARow + 1 : 0;
    if (unavailableInARow === maxUnavailable && error !== undefined) throw error;
  }
  print(`${processed} of ${ids.length} event(s) were processed`);
  if (processed < ids.length) process.exitCode = 1;
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
  account: string | undefined,
  decider: Decider,
): (eventId: string) => Promise<Replayed> {
  const codec = createPayloadCodec();
  const payments = createPaymentService(account);
  const read = (stored: Parameters<typeof toEventRecord>[0]) => toEventRecord(stored, payments);
  return async (eventId) => {
    try {
      const result = await replayQuarantined(pool, codec, { eventId, read, decider });
      const detail =
        result.outcome === "processed" ? describeChange(result.entries, result.balance) : result.reason;
      return { outcome: result.outcome, line: `${eventId} ${result.outcome}: ${detail}` };
    } catch (error) {
      const line = `${eventId} kept: ${error instanceof Error ? error.message : String(error)}`;
      return { outcome: "kept", line, ...(error instanceof TakingsError && { error }) };
    }
  };
}
