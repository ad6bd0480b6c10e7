import { readSettings as readConsumerSettings } from "@takings/consumer/settings";
import { readSettings as readIngressSettings } from "@takings/ingress/settings";
import { readSettings as readQuerySettings } from "@takings/revenue-query/settings";
import { ConfigError, type Environment, parseEnv } from "@takings/runtime";
import type { z } from "zod";
import { balanceSettings } from "../../balance/settings.ts";
import { pruneSettings } from "../../payloads/payloads-command.ts";
import { purgeSettings } from "../../purge/purge-command.ts";
import { streamSettings } from "../../stream/stream-command.ts";
import { type Check, faultsOr, unknown } from "../check.ts";
import { isSet } from "../connections.ts";

type ReadSettings = (environment: Environment) => unknown;

const parsed =
  (schema: z.ZodType): ReadSettings =>
  (environment) =>
    parseEnv(schema, environment);

/** Everything that reads settings. */
const readers: readonly ReadSettings[] = [
  readIngressSettings,
  readConsumerSettings,
  readQuerySettings,
  ...[balanceSettings, pruneSettings, purgeSettings, streamSettings].map(parsed),
];

/** Whether the variables of services and commands that are set here can be used. */
export function variablesCheck(environment: Environment): Check {
  return {
    name: "settings/variables",
    async run() {
      if (!isSet(environment, "DATABASE_URL") && !isSet(environment, "NATS_URL"))
        return unknown(
          "neither DATABASE_URL nor NATS_URL is set, so hardly anything can be checked",
          "set both: docs/cli.md#takings-doctor",
        );
      const problems = readers.flatMap((read) => problemsOf(read, environment));
      return faultsOr(
        [...new Set(problems)],
        "correct these variables: docs/configuration.md",
        "the variables that are set can be used",
      );
    },
  };
}

/** The problems that are about variables that are set: what runs elsewhere has settings of its own there. */
function problemsOf(read: ReadSettings, environment: Environment): readonly string[] {
  try {
    read(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.filter((problem) =>
      (problem.match(/\b[A-Z][A-Z_]+\b/g) ?? []).some((name) => isSet(environment, name)),
    );
  }
}
