import { createPaymentWriter, createPool, migrate } from "@takings/postgres";
import { testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { paymentOf } from "./store-of-events.ts";
import { run } from "./takings.ts";

describe("a database with a language-specific collation", () => {
  it("is verified and rebuilt like any other (Danish sorts aa after z)", async () => {
    await using neighbour = await testDatabase({ migrated: false });
    const poolOf = (url: string): ReturnType<typeof createPool> =>
      createPool({ url, name: "test", max: 1, statementTimeoutMs: 5_000, onIdleError: () => {} });
    const superuser = poolOf(neighbour.superuserUrl);
    const name = `${neighbour.name}_da`;
    const urlOf = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    await superuser.query(
      `create database ${name} owner takings_migrator template template0 encoding 'UTF8' locale 'C.UTF-8' locale_provider icu icu_locale 'da'`,
    );
    const writing = poolOf(urlOf(neighbour.writerUrl));
    try {
      await migrate(urlOf(neighbour.migratorUrl), () => {});
      // With this many entries, some ids contain "aa" in a place that matters.
      await createPaymentWriter(writing).record(Array.from({ length: 300 }, (_, n) => paymentOf(n)));
      const verified = await run(verifyCommand, [], { DATABASE_URL: urlOf(neighbour.readerUrl) });
      expect(verified.output).to.match(/compared 300 entries as of .*: events, ledger and rollup agree/);
      const rebuilt = await run(rebuildCommand, [], { DATABASE_URL: urlOf(neighbour.migratorUrl) });
      expect(rebuilt.output).to.match(/^0 entries of the ledger were corrected/m);
      expect([verified.code, rebuilt.code]).to.deep.equal([0, 0]);
    } finally {
      await writing.end();
      await superuser.query(`drop database ${name} with (force)`);
      await superuser.end();
    }
  });
});
