import type { PaymentWriter } from "@takings/domain";
import type { SchemaCheck } from "@takings/postgres";
import type { Logger } from "@takings/runtime";

/** Keeps an eye on whether the database has the schema that this version writes. */
export type SchemaWatch = {
  /** Why nothing may be written, as the last look found, or `undefined`. */
  fault(): string | undefined;
  /** A writer that writes only into this schema: events wait on the stream rather than go where they may be misread. */
  guard(writer: PaymentWriter): PaymentWriter;
  stop(): void;
};

const intervalMs = 2_000;

/** Looks at once and then at intervals. A database that is away for a while has the schema that it had. */
export function watchSchema(check: SchemaCheck, log: Logger): SchemaWatch {
  let fault: string | undefined = "starting: the database was not reached yet";
  const look = async (): Promise<void> => {
    const found = await check.fault().catch(() => fault);
    if (found !== undefined && found !== fault) log.error({ reason: found }, "schema_not_ours");
    fault = found;
  };
  const timer = setInterval(() => void look(), intervalMs);
  void look();
  return {
    fault: () => fault,
    guard: (writer) => ({
      async record(batch) {
        await check.require();
        return writer.record(batch);
      },
    }),
    stop: () => clearInterval(timer),
  };
}
