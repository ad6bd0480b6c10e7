const stopped = new Error("stopped before the end; the next run continues from there");
const shutdownTimeoutMs = 5_000;

/**
 * A signal that aborts on SIGTERM and SIGINT. The process ends a few seconds later at the latest: progress is recorded
 * already, so a connection that still waits for a response can be cut.
 * @param exitCode with which it ends then.
 */
export function stopOnSignals(exitCode: number): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stopping.abort(stopped);
      setTimeout(() => process.exit(exitCode), shutdownTimeoutMs).unref();
    });
  }
  return stopping.signal;
}
