import type { Environment } from "@takings/runtime";
import type { Check } from "./check.ts";
import { clockCheck } from "./check-clock.ts";
import { endpointCheck } from "./check-endpoint.ts";
import { createConnections } from "./connections.ts";
import { rolesCheck } from "./database/check-roles.ts";
import { serverChecks } from "./database/check-server.ts";
import { storeChecks } from "./database/check-store.ts";
import { sourcesCheck } from "./ledger/check-sources.ts";
import { completenessChecks } from "./ledger/check-completeness.ts";
import { ledgerChecks } from "./ledger/check-ledger.ts";
import { natsServerChecks } from "./nats/check-server.ts";
import { streamChecks } from "./nats/check-stream.ts";
import { type Result, runChecks } from "./run-checks.ts";
import { argumentsCheck } from "./settings/check-arguments.ts";
import { filesCheck } from "./settings/check-files.ts";
import { pageCheck } from "./settings/check-page.ts";
import { secretsCheck } from "./settings/check-secrets.ts";
import { sourcesFileCheck } from "./settings/check-sources-file.ts";
import { variablesCheck } from "./settings/check-variables.ts";

/** What a diagnosis depends on. */
export type DiagnosisDependencies = {
  /** The clock of this process. */
  readonly now: () => Date;
  /** Called at intervals with the names of the checks that still run. */
  readonly onWaiting: (names: readonly string[]) => void;
  /** A check that takes longer is unknown. */
  readonly limitMs?: number;
  /** How long to wait for a NATS server. */
  readonly connectMs?: number;
  /** How long an event may wait on the stream. */
  readonly lateMs?: number;
};

const defaultLimitMs = 10_000;
const defaultConnectMs = 4_000;
/** An event should be committed within seconds, and after a crash within a minute. */
const defaultLateMs = 5 * 60_000;

/** Checks everything that the environment leads to. Changes nothing; resolves with what each check found. */
export async function diagnose(
  environment: Environment,
  dependencies: DiagnosisDependencies,
): Promise<readonly Result[]> {
  const { now, onWaiting, limitMs = defaultLimitMs, lateMs = defaultLateMs } = dependencies;
  const connections = createConnections(environment, dependencies.connectMs ?? defaultConnectMs);
  const checks: readonly Check[] = [
    variablesCheck(environment),
    sourcesFileCheck(environment),
    secretsCheck(environment),
    filesCheck(environment),
    argumentsCheck(environment),
    pageCheck(environment),
    ...serverChecks(connections),
    rolesCheck(connections),
    ...storeChecks(connections, environment),
    ...natsServerChecks(connections, environment),
    ...streamChecks(connections, environment, lateMs),
    clockCheck(connections, environment, now),
    ...ledgerChecks(connections),
    ...completenessChecks(connections, environment, now),
    sourcesCheck(connections, environment, now),
    endpointCheck(environment, limitMs),
  ];
  try {
    return await runChecks(checks, { limitMs, onWaiting });
  } finally {
    await connections.close();
  }
}
