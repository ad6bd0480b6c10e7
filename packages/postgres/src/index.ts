export type { PoolOptions } from "./pool.ts";
export { advanceMeter } from "./advance-meter.ts";
export { knownMigrations, migrate } from "./migrate.ts";
export { createPaymentReader } from "./payment-reader.ts";
export { createPaymentWriter } from "./payment-writer.ts";
export { createPool } from "./pool.ts";
