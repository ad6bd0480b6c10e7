import { createServerCheck, readBacklog, readServerTime } from "@takings/nats";
import { type Environment, parseEnv } from "@takings/runtime";
import { natsSettings } from "../../settings/nats.ts";
import { type Check, faultsOr, type Finding, notAsked, ok, todo } from "../check.ts";
import { type Connections, type Nats, userOf } from "../connections.ts";
import { isForbidden, reasonOf } from "../run-checks.ts";
import { readDurabilityNeeds } from "../settings/durability-needs.ts";
import { natsCheck } from "./nats-check.ts";

const permissions = "docs/security.md#nats-users";

/** Whether NATS is there, lets this user do its work, and keeps what it confirms. */
export function natsServerChecks(connections: Connections, environment: Environment): readonly Check[] {
  return [
    { name: "nats/connection", run: () => checkConnection(connections) },
    natsCheck(connections, "nats/permissions", (nats) =>
      checkPermissions(nats, userOf(parseEnv(natsSettings, environment).NATS_URL)),
    ),
    natsCheck(connections, "nats/durability", async ({ link }) => {
      const needs = readDurabilityNeeds(environment);
      if (needs.monitorUrls.length === 0)
        return notAsked(
          "NATS_MONITOR_URL is not set here; ingress checks that the servers sync before they confirm",
        );
      const faults = await createServerCheck(link, needs)();
      return faultsOr(
        faults.map(({ message }) => message),
        "docs/runbooks/TakingsDurabilityBroken.md",
        "the servers sync before they confirm",
      );
    }),
  ];
}

async function checkConnection(connections: Connections): Promise<Finding> {
  const opening = connections.nats();
  if (opening === undefined) return notAsked("NATS_URL is not set");
  try {
    const { info } = (await opening).connection.nats;
    const encrypted = info?.tls_required === true ? "encrypted" : "not encrypted";
    return ok(`nats-server ${info?.version ?? "of an unknown version"}, ${encrypted}`);
  } catch (error) {
    return todo(reasonOf(error), "check that NATS runs, and NATS_URL: docs/configuration.md#nats");
  }
}

/** What each user must be able to ask; only ingress does not ask about the consumer. */
async function checkPermissions({ link, connection }: Nats, user: string): Promise<Finding> {
  const asks = {
    "the information of the stream": () => readServerTime(connection.nats),
    ...(user !== "ingress" && { "the information of the consumer": () => readBacklog(link) }),
  };
  const refused: string[] = [];
  for (const [what, ask] of Object.entries(asks)) {
    try {
      await ask();
    } catch (error) {
      // Whatever else is wrong is a matter of other checks.
      if (isForbidden(error)) refused.push(what);
    }
  }
  return faultsOr(
    refused.map((what) => `the user ${user} may not read ${what}`),
    `give it the permissions of ${permissions}`,
    `the user ${user} may read what it needs`,
  );
}
