import type { QuarantineFilter } from "@takings/postgres";
import { databaseUrl, type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { type Pool, withPool } from "../connections/database.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { databaseHelp } from "../settings/database.ts";
import { accountHelp, storeSettings } from "../settings/store.ts";
import { dismiss } from "./dismiss.ts";
import { list, show } from "./inspect.ts";
import { replay, type ReplaySelection } from "./replay.ts";

type ListOptions = QuarantineFilter & { readonly json?: true };
type DecisionOptions = { readonly by?: string };
type ReplayOptions = ReplaySelection & DecisionOptions & { readonly because?: string };
type DismissOptions = DecisionOptions & { readonly because: string };

const statementTimeoutMs = 60_000;
const readerHelp = environmentHelp(databaseHelp("with the role takings_reader"));
const ownerHelp = databaseHelp("as the owner of the tables (takings_migrator)");
const byHelp = "who decides (default: the database login)";

/** `takings quarantine`: inspects and resolves events that could not be understood. */
export function quarantineCommand(environment: Environment, print: Print): Command {
  const command = new Command("quarantine").description("inspect and resolve events in quarantine");
  const withStore = (work: (pool: Pool) => Promise<void>): Promise<void> => {
    const url = databaseUrl(parseEnv(storeSettings, environment));
    return withPool({ url, name: "quarantine", statementTimeoutMs, print }, work);
  };
  command
    .command("list")
    .description("list the events in quarantine and why they are there")
    .option("--reason <text>", "only events whose reason contains this text")
    .option("--type <type>", "only events of this type")
    .option("--dismissed", "include dismissed events")
    .option("--json", "print the list as JSON")
    .addHelpText("after", readerHelp)
    .action((options: ListOptions) => withStore((pool) => list(pool, print, options)));
  command
    .command("show <event>")
    .description("print one event as JSON, with its body and the decisions about it")
    .addHelpText("after", readerHelp)
    .action((eventId: string) => withStore((pool) => show(pool, print, eventId)));
  command
    .command("replay [events...]")
    .description("read quarantined events again, and add those that can be understood now to the ledger")
    .option("--all", "all events in quarantine, except dismissed ones")
    .option("--reason <text>", "all events whose reason contains this text")
    .option("--type <type>", "all events of this type")
    .option("--by <name>", byHelp)
    .option("--because <text>", "why, for the record")
    .addHelpText("after", environmentHelp({ ...ownerHelp, STRIPE_ACCOUNT_ID: accountHelp }))
    .action((eventIds: readonly string[], { by, because, ...selection }: ReplayOptions) => {
      const { STRIPE_ACCOUNT_ID: configuredAccount } = parseEnv(storeSettings, environment);
      const decider = { by, note: because };
      return withStore((pool) => replay(pool, print, { eventIds, selection, decider, configuredAccount }));
    });
  command
    .command("dismiss <events...>")
    .description("dismiss events that do not affect the ledger; they stay stored")
    .requiredOption("--because <text>", "why, for the record")
    .option("--by <name>", byHelp)
    .addHelpText("after", environmentHelp(ownerHelp))
    .action((eventIds: readonly string[], { by, because }: DismissOptions) =>
      withStore((pool) => dismiss(pool, print, eventIds, { by, note: because })),
    );
  return command;
}
