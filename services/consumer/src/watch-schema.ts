import type { SchemaCheck, StoreWriter } from "@takings/postgres";
import type { Logger } from "@takings/runtime";

/** Keeps an eye on whether the database has the schema that this version writes. */
export type SchemaWatch = {
  /** Why nothing may be written, as the last look found, or `undefined`. */
  fault(): string | undefined;
  /**
   * A writer that writes only into this schema: events wait on the stream rather than go where they may be misread. Nor
   * does it dryRun in another: it would say that the store is well and the events are not.
   */
  guard(writer: StoreWriter): StoreWriter;
  stop(): void;
};

const intervalMs = 2_000;

/**
 * Looks at once and then at intervals. A database that is away says nothing of its schema: what was found last stands,
 * and the consumer, which then waits for the database, is as ready as it was.
 */
export function watchSchema(check: SchemaCheck, log: Logger): SchemaWatch {
  let found: string | undefined;
  let hasChecked = false;
  const refresh = async (): Promise<void> => {
    const fault = await check.fault().catch(() => found);
    if (fault !== undefined && fault !== found) log.error({ reason: fault }, "schema_mismatch");
    found = fault;
    hasChecked = true;
  };
  const timer = setInterval(() => void refresh(), intervalMs);
  void refresh();
  return {
    fault: () => (hasChecked ? found : "starting: the database schema has not been checked yet"),
    guard: (writer) => ({
      async record(batch) {
        await check.require();
        return writer.record(batch);
      },
      async dryRun(batch) {
        await check.require();
        await writer.dryRun(batch);
      },
    }),
    stop: () => clearInterval(timer),
  };
}
