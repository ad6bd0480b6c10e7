import { eventually } from "@takings/testkit";
import { eventOf, type PlantedFault, statement } from "./planted-fault.ts";

const reload = "select pg_reload_conf()";

/** Faults of PostgreSQL. */
export const databaseFaults: readonly PlantedFault[] = [
  {
    title: "a wrong password of the database",
    check: "database/connection",
    found: /password authentication failed/,
    advice: /DATABASE_URL/,
    async plant({ environment }) {
      const url = new URL(environment["DATABASE_URL"] ?? "");
      url.password = "wrong-password";
      return { environment: { DATABASE_URL: url.href } };
    },
  },
  {
    title: "a schema of another release",
    check: "database/schema",
    found: /was applied in another version of this file/,
    advice: /takings-migrate/,
    plant: statement(
      "update takings.migrations set checksum = 'x' || checksum",
      "update takings.migrations set checksum = substr(checksum, 2)",
    ),
  },
  {
    title: "sessions that may not write",
    check: "database/primary",
    found: /sessions of takings_migrator are read-only/,
    advice: /default_transaction_read_only/,
    plant: statement(
      "alter role takings_migrator set default_transaction_read_only = on",
      "alter role takings_migrator reset default_transaction_read_only",
    ),
  },
  {
    title: "a server that does not wait for its disk",
    check: "database/durability",
    found: /^fsync off/,
    advice: /set fsync to on/,
    async plant({ sql }) {
      await sql("alter system set fsync = off", reload);
      await eventually("fsync off", async () => (await sql("show fsync"))[0]?.["fsync"] === "off");
      return { remove: () => sql("alter system reset fsync", reload) };
    },
  },
  {
    title: "a login that is a superuser",
    check: "database/roles",
    found: /^takings_query has superuser$/,
    advice: /postgresql-roles/,
    plant: statement("alter role takings_query superuser", "alter role takings_query nosuperuser"),
  },
  {
    title: "a login with the roles of two services",
    check: "database/roles",
    found: /^takings_query has several roles: takings_reader, takings_writer$/,
    advice: /postgresql-roles/,
    plant: statement("grant takings_writer to takings_query", "revoke takings_writer from takings_query"),
  },
  {
    title: "a role that may delete from the ledger",
    check: "database/roles",
    found: /^takings_reader has DELETE on takings\.ledger$/,
    advice: /postgresql-roles/,
    plant: statement(
      "grant delete on takings.ledger to takings_reader",
      "revoke delete on takings.ledger from takings_reader",
    ),
  },
  {
    title: "a database to which everybody may connect",
    check: "database/roles",
    found: /every login of the server may connect to database takings/,
    advice: /postgresql-roles/,
    plant: statement(
      "grant connect on database takings to public",
      "revoke connect on database takings from public",
    ),
  },
  {
    title: "an archive that takes no log",
    check: "database/backups",
    found: /archiving last failed at \d{4}-/,
    advice: /PostgresWalArchivingFailing/,
    async plant({ sql }) {
      await sql("alter system set archive_command = 'false'", reload, "select pg_switch_wal()");
      await eventually("archiving to fail", async () => {
        const [row] = await sql("select failed_count > 0 as failed from pg_stat_archiver");
        return row?.["failed"] === true;
      });
      return {
        remove: () =>
          sql("alter system set archive_command = 'true'", reload, "select pg_stat_reset_shared('archiver')"),
      };
    },
  },
  {
    title: "recorded time that is ahead of the clock",
    check: "database/recorded-time",
    found: /recorded time is \d+ s ahead/,
    advice: /TakingsRecordedTimeAhead/,
    plant: statement(
      "insert into takings.recordings (recorded_at) values (now() + interval '5 minutes')",
      "delete from takings.recordings where recorded_at > now()",
    ),
  },
  {
    title: "changes that nobody adds up",
    check: "database/rollup",
    found: /changes of \d+ s ago are not added up/,
    advice: /TakingsConsumerStalled/,
    plant: statement(
      `insert into takings.rollup_deltas
       values (now() - interval '1 hour', false, 'default', '', takings.bucket_start(now()), 'usd', 1, 0, 0, 1, 0, 0)`,
      "delete from takings.rollup_deltas",
    ),
  },
  {
    title: "bodies that are older than their retention",
    check: "database/bodies",
    found: /1 bodies are older than 30 days/,
    advice: /takings payloads prune/,
    plant: statement(eventOf("processed", "null"), "delete from takings.events"),
  },
];
