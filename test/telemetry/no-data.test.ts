import { withClient } from "@takings/local";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { after, before, describe, it } from "mocha";
import { type Backends, startBackends } from "./src/backends.ts";
import { panelQueries } from "./src/panel-queries.ts";
import { queryRange } from "./src/query-backends.ts";

describe("the dashboards of an installation without data", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let backends: Backends;
  before(async () => {
    [database, backends] = await Promise.all([testDatabase(), startBackends({})]);
  });
  after(async () => {
    await backends?.[Symbol.asyncDispose]();
    await database?.drop();
  });

  for (const { dashboard, panel, letter, source, text } of panelQueries()) {
    if (source === "prometheus")
      it(`have no error: ${dashboard} / ${panel} ${letter}`, () => queryRange(backends.prometheusUrl, text));
    if (source === "postgres")
      it(`have no error: ${dashboard} / ${panel} ${letter}`, () =>
        withClient(database.readerUrl, (client) =>
          client.query(
            text
              .replaceAll("${event_id:sqlstring}", "''")
              // The mode while the ledger is empty.
              .replaceAll("nullif('true', ", "nullif('none', "),
          ),
        ));
  }
});
