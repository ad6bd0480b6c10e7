import { defaultSource, type EventKey } from "@takings/domain";
import type { ConfiguredAccounts, QuarantineFilter } from "@takings/postgres";
import { databaseUrl, type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { type Pool, withPool } from "../connections/database.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { sourceOption, sourceOrAllOption } from "../options/source.ts";
import { databaseHelp } from "../settings/database.ts";
import { accountHelp, configuredAccounts, storeSettings } from "../settings/store.ts";
import { dismiss } from "./dismiss.ts";
import { list, show } from "./inspect.ts";
import { replay, type ReplaySelection } from "./replay.ts";

type ListOptions = QuarantineFilter & { readonly json?: true };
type SourceOptions = { readonly source?: string };
type DecisionOptions = SourceOptions & { readonly by?: string };
type ReplayOptions = ReplaySelection & DecisionOptions & { readonly because?: string };
type DismissOptions = DecisionOptions & { readonly because: string };

const statementTimeoutMs = 60_000;
const readerHelp = environmentHelp(databaseHelp("with the role takings_reader"));
const ownerHelp = databaseHelp("as the owner of the tables (takings_migrator)");
const sourceHelp = `the source of the events (default: ${defaultSource})`;
const byHelp = "who decides (default: the database login)";

/** `takings quarantine`: inspects and resolves events that could not be understood. */
export function quarantineCommand(environment: Environment, print: Print): Command {
  const command = new Command("quarantine").description("inspect and resolve events in quarantine");
  const withStore: WithStore = (work) => {
    const url = databaseUrl(parseEnv(storeSettings, environment));
    return withPool({ url, name: "quarantine", statementTimeoutMs, print }, work);
  };
  addInspection(command, withStore, print);
  addDecisions(command, withStore, print, () => configuredAccounts(parseEnv(storeSettings, environment)));
  return command;
}

type WithStore = (work: (pool: Pool) => Promise<void>) => Promise<void>;

function addInspection(command: Command, withStore: WithStore, print: Print): void {
  command
    .command("list")
    .description("list the events in quarantine and why they are there")
    .option("--reason <text>", "only events whose reason contains this text")
    .option("--type <type>", "only events of this type")
    .option("--source <name>", "only events of this source; * is all of them", sourceOrAllOption, "*")
    .option("--dismissed", "include dismissed events")
    .option("--json", "print the list as JSON")
    .addHelpText("after", readerHelp)
    .action(({ source, ...options }: ListOptions) =>
      withStore((pool) => list(pool, print, { ...options, source: oneSource(source) })),
    );
  command
    .command("show <event>")
    .description("print one event as JSON, with its body and the decisions about it")
    .option("--source <name>", sourceHelp, sourceOption)
    .addHelpText("after", readerHelp)
    .action((eventId: string, { source }: SourceOptions) =>
      withStore((pool) => show(pool, print, { eventId, source: source ?? defaultSource })),
    );
}

function addDecisions(
  command: Command,
  withStore: WithStore,
  print: Print,
  accounts: () => ConfiguredAccounts,
): void {
  command
    .command("replay [events...]")
    .description("read quarantined events again, and add those that can be understood now to the ledger")
    .option("--all", "all events in quarantine, except dismissed ones")
    .option("--reason <text>", "all events whose reason contains this text")
    .option("--type <type>", "all events of this type")
    .option(
      "--source <name>",
      `the source of the events; * is all of them (default: ${defaultSource} for events by id, else *)`,
      sourceOrAllOption,
    )
    .option("--by <name>", byHelp)
    .option("--because <text>", "why, for the record")
    .addHelpText("after", environmentHelp({ ...ownerHelp, STRIPE_ACCOUNT_ID: accountHelp }))
    .action((eventIds: readonly string[], { by, because, source, ...filter }: ReplayOptions) => {
      if (source === "*" && eventIds.length > 0)
        throw new Error("an event is of one source: name it instead of *");
      const configured = accounts();
      const [selection, decider] = [
        { ...filter, source: oneSource(source) },
        { by, note: because },
      ];
      const events = keysOf(eventIds, source);
      return withStore((pool) => replay(pool, print, { events, selection, decider, configured }));
    });
  command
    .command("dismiss <events...>")
    .description("dismiss events that do not affect the ledger; they stay stored")
    .requiredOption("--because <text>", "why, for the record")
    .option("--source <name>", sourceHelp, sourceOption)
    .option("--by <name>", byHelp)
    .addHelpText("after", environmentHelp(ownerHelp))
    .action((eventIds: readonly string[], { by, because, source }: DismissOptions) =>
      withStore((pool) => dismiss(pool, print, keysOf(eventIds, source), { by, note: because })),
    );
}

function keysOf(eventIds: readonly string[], source = defaultSource): readonly EventKey[] {
  return eventIds.map((eventId) => ({ eventId, source }));
}

/** The source of a filter: none where it is `*`. */
function oneSource(source: string | undefined): string | undefined {
  return source === "*" ? undefined : source;
}
