import type { Environment } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { databaseHelp } from "../settings/database.ts";
import { natsHelp } from "../settings/nats.ts";
import { diagnose } from "./diagnose.ts";
import { exitCodes, overallStatus, reportAsJson, reportLines } from "./report.ts";

type Options = { readonly json?: true };

const help = environmentHelp({
  ...databaseHelp("as the owner or with the role takings_reader"),
  ...natsHelp("as the user admin, consumer, purger or reconcile"),
  NATS_MONITOR_URL: "monitoring URLs of the NATS servers, to check that they sync before they confirm",
  "…": "all other variables of services and commands are checked where they are set",
});

/** `takings doctor`: checks everything that can be checked from where it runs, and says what to do. */
export function doctorCommand(environment: Environment, print: Print): Command {
  return new Command("doctor")
    .description(
      "check settings, database, stream, clocks and ledger, and say what to do. Changes nothing. Exits with 0 if all is " +
        "well, 2 if something is to be done, 1 if something could not be found out",
    )
    .summary("check everything that can be checked from here, and say what to do")
    .option("--json", "print one object with all checks")
    .addHelpText("after", help)
    .action(async ({ json }: Options) => {
      const results = await diagnose(environment, { now: () => new Date(), onWaiting: reportWaiting });
      if (json === true) print(reportAsJson(results));
      else for (const line of reportLines(results, process.stdout)) print(line);
      process.exitCode = exitCodes[overallStatus(results)];
    });
}

/** On standard error, so that standard output holds only the result. */
function reportWaiting(names: readonly string[]): void {
  process.stderr.write(`waiting for ${names.join(", ")}\n`);
}
