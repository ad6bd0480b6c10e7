import { randomBytes } from "node:crypto";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client, type Pool } from "pg";
import { migrate } from "../src/migrations/migrate.ts";
import { poolOf } from "./test-store.ts";

/** An installation with its own login for the consumer. */
type Installation = {
  readonly database: TestDatabase;
  readonly login: string;
  readonly reported: readonly string[];
};

describe("two installations in one PostgreSQL server", () => {
  let ours: Installation;
  let theirs: Installation;
  let superuser: Pool;
  before(async () => {
    ours = await install();
    theirs = await install();
    superuser = poolOf(ours.database.superuserUrl);
  });
  after(async () => {
    await superuser.end();
    for (const { database, login } of [ours, theirs]) {
      const admin = poolOf(database.superuserUrl);
      await admin.query(`drop owned by ${database.name}_connect`);
      await admin.query(`drop role ${login}, ${database.name}_connect`);
      await admin.end();
      await database.drop();
    }
  });

  async function install(): Promise<Installation> {
    const database = await testDatabase({ migrated: false });
    const login = `takings_test_${randomBytes(4).toString("hex")}`;
    const admin = poolOf(database.superuserUrl);
    await admin.query(`create role ${database.name}_connect nologin`);
    await admin.query(
      `create role ${login} login password 'x' in role takings_writer, ${database.name}_connect`,
    );
    await admin.end();
    const reported: string[] = [];
    await migrate(database.migratorUrl, (line) => reported.push(line));
    return { database, login, reported };
  }

  /** The SQLSTATE with which a login is refused, or `undefined`. */
  async function refusal(
    { login }: Pick<Installation, "login">,
    { database }: Installation,
  ): Promise<unknown> {
    const url = new URL(database.superuserUrl);
    [url.username, url.password] = [login, "x"];
    const client = new Client({ connectionString: url.href });
    try {
      await client.connect();
      await client.query("select event_id from takings.events");
      return undefined;
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    } finally {
      await client.end();
    }
  }

  it("each accept their own logins, and not those of the other", async () => {
    expect(await refusal(ours, ours)).to.equal(undefined);
    expect(await refusal(theirs, theirs)).to.equal(undefined);
    expect(await refusal(ours, theirs)).to.equal("42501");
    expect(await refusal(theirs, ours)).to.equal("42501");
  });

  it("accept no login that belongs to neither", async () => {
    const stranger = "takings_test_stranger";
    await superuser.query(`create role ${stranger} login password 'x'`);
    expect(await refusal({ login: stranger }, ours)).to.equal("42501");
    await superuser.query(`drop role ${stranger}`);
  });

  it("report which logins have a role of the product and may not connect", () => {
    const line = theirs.reported.find((said) => said.includes("may not connect"));
    expect(line).to.include(ours.login).and.to.include("unless they belong to another installation");
    expect(line).not.to.include(theirs.login);
  });

  it("accept only logins of the product where there is no connect role", async () => {
    await using alone = await testDatabase({ migrated: false });
    const reported: string[] = [];
    await migrate(alone.migratorUrl, (line) => reported.push(line));
    expect(reported.join("\n")).to.include(`create a role ${alone.name}_connect`);
    const { rows } = await superuser.query(
      "select has_database_privilege('public', $1, 'connect') as by_all, has_database_privilege('takings_writer', $1, 'connect') as by_writer",
      [alone.name],
    );
    expect(rows).to.deep.equal([{ by_all: false, by_writer: true }]);
  });

  it("revoke from the roles of the product the rights to create objects", async () => {
    const admin = poolOf(ours.database.superuserUrl);
    await admin.query(`grant temporary, create on database ${ours.database.name} to takings_writer`);
    await migrate(ours.database.migratorUrl, () => {});
    const { rows } = await admin.query(
      "select has_database_privilege('takings_writer', current_database(), 'temporary, create') as may",
    );
    expect(rows).to.deep.equal([{ may: false }]);
    await admin.end();
    expect(await refusal(ours, ours)).to.equal(undefined);
  });

  it("accept only members of the connect role once there is one, and report nothing when nothing is to be done", async () => {
    await using later = await testDatabase({ migrated: false });
    const connect = `${later.name}_connect`;
    const reported: string[] = [];
    await migrate(later.migratorUrl, () => {});
    await superuser.query(`create role ${connect} nologin`);
    await migrate(later.migratorUrl, (line) => reported.push(line));
    expect(reported.join("\n")).to.include("may not connect");
    const { rows } = await superuser.query(
      "select has_database_privilege('takings_writer', $1, 'connect') as by_writer, has_database_privilege($2, $1, 'connect') as by_members",
      [later.name, connect],
    );
    expect(rows).to.deep.equal([{ by_writer: false, by_members: true }]);
    reported.length = 0;
    await migrate(later.migratorUrl, (line) => reported.push(line));
    expect(reported).to.deep.equal([]);
    const admin = poolOf(later.superuserUrl);
    await admin.query(`drop owned by ${connect}; drop role ${connect}`);
    await admin.end();
  });

  it("stay open where the migrator does not own the database, and it reports what the owner has to run", async () => {
    await using foreign = await testDatabase({ migrated: false });
    await superuser.query(`alter database ${foreign.name} owner to postgres`);
    await superuser.query(`grant create on database ${foreign.name} to takings_migrator`);
    const reported: string[] = [];
    await migrate(foreign.migratorUrl, (line) => reported.push(line));
    expect(reported.join("\n")).to.match(
      /roles other than those of takings may connect.*run as its owner: .*revoke all on database/,
    );
  });
});

describe("a database that is not UTF-8", () => {
  it("is refused by migrate, with the statement that creates one", async () => {
    await using other = await testDatabase({ migrated: false });
    const superuser = poolOf(other.superuserUrl);
    const name = `${other.name}_latin`;
    await superuser.query(
      `create database ${name} owner takings_migrator template template0 encoding 'LATIN1' locale_provider libc locale 'C'`,
    );
    const url = new URL(other.migratorUrl);
    url.pathname = `/${name}`;
    const failure = await migrate(url.href, () => {}).catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/encoding LATIN1.*create database .* template template0 encoding 'UTF8'/);
    await superuser.query(`drop database ${name}`);
    await superuser.end();
  });
});
