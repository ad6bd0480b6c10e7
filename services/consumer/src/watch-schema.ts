import type { SchemaCheck, StoreWriter } from "@takings/postgres";
import { createPeriodicCheck, type Logger } from "@takings/runtime";

/** Watches whether the database has the schema that this version writes. */
export type SchemaWatch = {
  /** Why nothing may be written, as the last successful check found, or `undefined`. */
  fault(): string | undefined;
  /**
   * A writer that writes only to this schema: with another one events wait on the stream, because they could be misread
   * there. A dry run fails too; otherwise it would indicate that the events are at fault and not the store.
   */
  guard(writer: StoreWriter): StoreWriter;
  stop(): void;
};

const intervalMs = 2_000;

/**
 * Checks at once and then at intervals. While the database is away its schema is unknown: the last result still applies, so
 * the readiness of the consumer, which then waits for the database, does not change.
 */
export function watchSchema({ fault, require: requireSchema }: SchemaCheck, log: Logger): SchemaWatch {
  let reported: string | undefined;
  const check = createPeriodicCheck({
    check: fault,
    intervalMs,
    onSuccess(found) {
      if (found !== undefined && found !== reported) log.error({ reason: found }, "schema_mismatch");
      reported = found;
    },
  });
  check.start();
  return {
    fault() {
      const isUnchecked = check.last() === undefined && check.failure() === undefined;
      return isUnchecked ? "starting: the database schema has not been checked yet" : check.last()?.value;
    },
    guard: (writer) => ({
      async record(batch) {
        await requireSchema();
        return writer.record(batch);
      },
      async dryRun(batch) {
        await requireSchema();
        await writer.dryRun(batch);
      },
    }),
    stop: check.stop,
  };
}
