import type { DurabilityFault } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import type { IngressMetrics } from "./metrics.ts";

/** Keeps an eye on whether a confirmation of the stream is worth a 2xx. */
export type DurabilityWatch = {
  /** Why it is not, or `undefined` while it is. Until the first look nothing is known, and that is a reason. */
  readonly fault: () => string | undefined;
  /**
   * Why it is not, as a look says that begins after this call; not being able to look is a reason too. For what rests on
   * the state of the server at this very moment.
   */
  seenAnew(): Promise<string | undefined>;
  /**
   * Looks now, for the first time or because another server may have taken over; then at intervals. Until it has seen
   * that server, what was true of the one before is worth nothing.
   */
  look(): void;
  stop(): void;
};

export type WatchDependencies = {
  /** Names every fault; throws when it cannot tell. */
  readonly check: () => Promise<readonly DurabilityFault[]>;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
};

const regularMs = 60_000;
const afterTroubleMs = 2_000;
const unchecked = "the stream's durability has not been checked yet";

export function watchDurability({ check, metrics, log }: WatchDependencies): DurabilityWatch {
  let fault: string | undefined = unchecked;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let servers = 0;
  let stopped = false;

  const judge = async (): Promise<number> => {
    const server = servers;
    try {
      const faults = await check();
      // Another server has come meanwhile, of which this says nothing.
      if (server !== servers) return 0;
      const messages = faults.map(({ message }) => message);
      const next = faults.length === 0 ? undefined : messages.join("; ");
      if (next !== undefined) log.error({ faults: messages }, "durability_broken");
      else if (fault !== undefined) log.info("durability_verified");
      fault = next;
      metrics.durability(
        fault === undefined,
        faults.map(({ check: failed }) => failed),
      );
      return fault === undefined ? regularMs : afterTroubleMs;
    } catch (error) {
      // Not being able to ask changes no verdict on the server that was seen: while it is away every publish fails.
      log.warn({ reason: messageOf(error) }, "durability_unknown");
      return afterTroubleMs;
    }
  };
  const look = async (): Promise<void> => {
    if (looking || stopped) return;
    looking = true;
    clearTimeout(timer);
    const pause = await judge();
    looking = false;
    if (!stopped) timer = setTimeout(() => void look(), pause);
  };

  const seenAnew = shared(async () => {
    const reason = await reasonToDoubt(check);
    if (reason !== undefined) void look();
    return reason;
  });

  metrics.durability(false, []);
  return {
    fault: () => fault,
    seenAnew,
    look() {
      servers += 1;
      fault ??= unchecked;
      void look();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The first fault that is found, or why nobody can tell. */
async function reasonToDoubt(check: WatchDependencies["check"]): Promise<string | undefined> {
  try {
    return (await check())[0]?.message;
  } catch (error) {
    return `the stream's durability cannot be told: ${messageOf(error)}`;
  }
}

/** One run serves all who asked before it began, and none who asked later. Runs never overlap. */
function shared<T>(run: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      const running = run();
      last = running;
      return running;
    });
    return next;
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
