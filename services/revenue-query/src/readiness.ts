/** Watches whether questions can be answered, by asking one. */
export type ReadinessWatch = {
  /** Why questions cannot be answered, as the last check found, or `undefined` when they can. */
  readonly fault: () => string | undefined;
  readonly stop: () => void;
};

export type ReadinessOptions = {
  /** Fails while the store cannot be read. */
  readonly probe: () => Promise<unknown>;
  readonly intervalMs: number;
  /** Told when readiness comes or goes, and no more often. */
  readonly onChange: (fault: string | undefined) => void;
};

/** Looks at once and then at intervals; not ready until the first check succeeded. */
export function watchReadiness({ probe, intervalMs, onChange }: ReadinessOptions): ReadinessWatch {
  let fault: string | undefined = "starting: the database was not reached yet";
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const check = async (): Promise<void> => {
    const found = await probe().then(() => undefined, reasonOf);
    if (isStopped) return;
    const hasChanged = (found === undefined) !== (fault === undefined);
    fault = found;
    if (hasChanged) onChange(found);
    timer = setTimeout(() => void check(), intervalMs);
  };
  void check();
  return {
    fault: () => fault,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
