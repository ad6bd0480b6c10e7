export { type TestDatabase, testDatabase } from "./database.ts";
export { nodeCommand } from "@takings/local";
export { eventually } from "./eventually.ts";
export { testNatsCluster, type TestNatsCluster } from "./nats-cluster.ts";
export { createNatsAccounts, type NatsAccounts } from "./nats-accounts.ts";
export { type TestNats, type TestNatsOptions, testNats } from "./nats.ts";
export { type TestPostgres, testPostgres } from "./postgres.ts";
export { canRunPgbouncer, type TestPgbouncer, testPgbouncer } from "./pgbouncer.ts";
export { migrateDatabase, type StartedPostgres, startPostgres } from "./start-postgres.ts";
export { copyCluster, type Standby } from "./standby.ts";
export { canMakeCertificates, testAuthority, type TestAuthority } from "./certificates.ts";
export { runThrough, withVariables } from "./run-through.ts";
export { requireTls } from "./require-tls.ts";
export { storeBalance } from "./store-balance.ts";
export { canShiftClock, type ShiftedClock, shiftedClock } from "./shifted-clock.ts";
export { canHaveSmallDisk, smallDisk } from "./small-disk.ts";
export { testVariable } from "./test-variable.ts";
export { type LogLine, runService, startService, type TestService } from "./service.ts";
export { type FakeStripe, fakeStripe, fakeStripeKey, type StripeObject } from "./fake-stripe.ts";
export { eventWithCharge, type ChargeFields } from "./event-with-charge.ts";
export { eventWithEntry, type EntryFields } from "./event-with-entry.ts";
export {
  recordPayouts,
  recordTransactions,
  type StoredPayout,
  type StoredTransaction,
} from "./record-balance.ts";
export { storedCharge, storedPayout } from "./stored-balance.ts";
export { type MarkdownTable, markdownTables } from "./markdown-tables.ts";
export { runMocha } from "./run-mocha.ts";
export * as listed from "./listed-objects.ts";
