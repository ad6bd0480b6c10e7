import { createPaymentService, TakingsError } from "@takings/domain";
import {
  createPaymentReader,
  createPayloadCodec,
  createPool,
  type Decider,
  dismissQuarantined,
  type QuarantineFilter,
  readDecisions,
  readPlatformAccount,
  readQuarantine,
  replayQuarantined,
} from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { toEventRecord } from "@takings/wire";
import { Command } from "commander";
import { storeSettings } from "../access/database.ts";

type Pool = ReturnType<typeof createPool>;
type Say = (line: string) => void;
type ListOptions = QuarantineFilter & { readonly json?: true };
type ReplayOptions = QuarantineFilter & {
  readonly all?: true;
  readonly by?: string;
  readonly because?: string;
};
type DismissOptions = { readonly because: string; readonly by?: string };

const statementTimeoutMs = 60_000;

/** `takings quarantine`: what a person can do about events that could not be understood. */
export function quarantineCommand(environment: Environment, say: Say): Command {
  const command = new Command("quarantine").description(
    "inspect events in quarantine and decide what happens to them",
  );
  const withStore = async (work: (pool: Pool) => Promise<void>): Promise<void> => {
    const { DATABASE_URL: url } = parseEnv(storeSettings, environment);
    const onIdleError = (error: Error): void => say(`a connection broke and is replaced: ${error.message}`);
    const pool = createPool({ url, name: "quarantine", max: 1, statementTimeoutMs, onIdleError });
    try {
      await work(pool);
    } finally {
      await pool.end();
    }
  };
  command
    .command("list")
    .description("the events in quarantine and why they are there (DATABASE_URL: a reader will do)")
    .option("--reason <text>", "only where the reason has this text in it")
    .option("--type <type>", "only events of this type")
    .option("--dismissed", "also those that were dismissed")
    .option("--json", "print them as JSON")
    .action((options: ListOptions) => withStore((pool) => list(pool, say, options)));
  command
    .command("show <event>")
    .description(
      "one event as JSON, with its body and what was decided about it (DATABASE_URL: a reader will do)",
    )
    .action((eventId: string) => withStore((pool) => show(pool, say, eventId)));
  command
    .command("replay [events...]")
    .description(
      "read events again and count those that can be understood now (DATABASE_URL: the owner of the tables)",
    )
    .option("--all", "all that nobody has decided about")
    .option("--reason <text>", "all of those whose reason has this text in it")
    .option("--type <type>", "all of those of this type")
    .option("--by <name>", "who decides; without it the login's name is noted")
    .option("--because <text>", "why")
    .action((eventIds: readonly string[], options: ReplayOptions) => {
      const { STRIPE_ACCOUNT_ID: configuredAccount } = parseEnv(storeSettings, environment);
      return withStore((pool) => replay(pool, say, { eventIds, options, configuredAccount }));
    });
  command
    .command("dismiss <events...>")
    .description(
      "dismiss events that mean nothing for the ledger; they stay stored (DATABASE_URL: the owner of the tables)",
    )
    .requiredOption("--because <text>", "why")
    .option("--by <name>", "who decides; without it the login's name is noted")
    .action((eventIds: readonly string[], options: DismissOptions) =>
      withStore((pool) => dismiss(pool, say, eventIds, { by: options.by, note: options.because })),
    );
  return command;
}

async function list(pool: Pool, say: Say, { json, ...filter }: ListOptions): Promise<void> {
  const events = await readQuarantine(pool, filter);
  if (json) {
    say(JSON.stringify(events));
    return;
  }
  for (const { eventId, type, receivedAt, reason, dismissedAt } of events) {
    say(
      `${receivedAt}  ${eventId}  ${type}  ${reason}${dismissedAt === null ? "" : `  (dismissed ${dismissedAt})`}`,
    );
  }
  say(`${events.length} event(s) in quarantine`);
}

async function show(pool: Pool, say: Say, eventId: string): Promise<void> {
  const event = await createPaymentReader(pool).event(eventId);
  if (event === undefined) throw new Error(`there is no event ${eventId}`);
  say(JSON.stringify({ ...event, decisions: await readDecisions(pool, eventId) }, undefined, 2));
}

type ReplayRequest = {
  readonly eventIds: readonly string[];
  readonly options: ReplayOptions;
  readonly configuredAccount: string | undefined;
};

/** So many events in a row that could not even be tried: then it is not them but the database. */
const maxUnavailable = 3;

async function replay(pool: Pool, say: Say, request: ReplayRequest): Promise<void> {
  const { eventIds, options, configuredAccount } = request;
  const { all, by, because, ...filter } = options;
  const byFilter = all === true || filter.reason !== undefined || filter.type !== undefined;
  if (byFilter === eventIds.length > 0) throw new Error("name events, or give --all, --reason or --type");
  const { account, remarks } = await readPlatformAccount(pool, configuredAccount);
  for (const remark of remarks) say(remark);
  const ids = byFilter ? (await readQuarantine(pool, filter)).map(({ eventId }) => eventId) : eventIds;
  const replayOne = replayer(pool, account, { by, note: because });
  let processed = 0;
  let unavailableInARow = 0;
  for (const eventId of ids) {
    // Whatever is wrong with one, it stays, and the others have their turn.
    const { outcome, line, error } = await replayOne(eventId);
    say(line);
    if (outcome === "processed") processed += 1;
    unavailableInARow = error?.code === "unavailable" ? unavailableInARow + 1 : 0;
    if (unavailableInARow === maxUnavailable && error !== undefined) throw error;
  }
  say(`${processed} of ${ids.length} event(s) were processed`);
  if (processed < ids.length) process.exitCode = 1;
}

type Replayed = {
  readonly outcome: "processed" | "kept";
  readonly line: string;
  readonly error?: TakingsError;
};

function replayer(
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
      const became =
        result.outcome === "processed" ? `${result.entries} ledger entries changed` : result.reason;
      return { outcome: result.outcome, line: `${eventId} ${result.outcome}: ${became}` };
    } catch (error) {
      const line = `${eventId} kept: ${error instanceof Error ? error.message : String(error)}`;
      return { outcome: "kept", line, ...(error instanceof TakingsError && { error }) };
    }
  };
}

async function dismiss(pool: Pool, say: Say, eventIds: readonly string[], decider: Decider): Promise<void> {
  for (const eventId of eventIds) {
    const wasOpen = await dismissQuarantined(pool, eventId, decider);
    say(
      `${eventId} ${wasOpen ? "dismissed" : "kept as it is: it is not in quarantine, or was dismissed before"}`,
    );
    if (!wasOpen) process.exitCode = 1;
  }
}
