import type { SyncSegment } from "@takings/domain";
import { type BalanceList, type BalanceObjectName, malformedList } from "./balance-list.ts";
import { splitSegment } from "./split-segment.ts";
import type { Read, StripeBalance } from "./stripe-balance.ts";

/** What {@link readSegments} depends on. */
export type SegmentOptions = {
  readonly name: BalanceObjectName;
  readonly stripe: Pick<StripeBalance, "page" | "limitOf">;
  /** Handles a page; the position moves on once it resolves. */
  readonly onPage: (page: Read<BalanceList>) => Promise<void>;
  /** Called after each page with what is left of all segments. */
  readonly onProgress: (left: readonly SyncSegment[]) => Promise<void>;
  /** Called with a failure when it happens: the others are still being read. */
  readonly onFailure: (error: unknown) => void;
};

/** The most lists that are read at the same time. */
const maxParallel = 24;
/** More lists than the rate needs on average, because the time of a page varies. */
const headroom = 1.2;
const maxRestarts = 3;

/**
 * Reads all pages of some segments of a list. One list can only be read page by page, at most as fast as Stripe answers; so
 * where that does not use the rate limit, a segment is split, and both parts are read at the same time.
 * @throws the first error, once no page is being handled any more.
 */
export async function readSegments(
  segments: readonly SyncSegment[],
  { name, stripe, onPage, onProgress, onFailure }: SegmentOptions,
): Promise<void> {
  /** What is left of the segments that are being read. */
  const reading = new Set<Position>();
  const waiting = [...segments];
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  let handlingMs = 0;

  const hasRoom = (): boolean => {
    const { perSecond, responseMs } = stripe.limitOf(name);
    const needed = perSecond * ((responseMs() + handlingMs) / 1_000) * headroom;
    return reading.size < Math.min(maxParallel, Math.ceil(needed) + 1);
  };
  const start = (segment: SyncSegment): void => {
    const position: Position = { segment, first: undefined, items: 0 };
    reading.add(position);
    running.push(
      read(position).catch((error: unknown) => {
        failures.push(error);
        onFailure(error);
      }),
    );
  };
  const startMore = (): void => {
    while (waiting.length > 0 && hasRoom()) start(waiting.shift() ?? {});
  };
  const read = async (position: Position): Promise<void> => {
    for await (const page of pagesOf(name, stripe, position)) {
      if (failures.length > 0) return;
      const startedAt = performance.now();
      await onPage(page);
      handlingMs = performance.now() - startedAt;
      const lower = waiting.length === 0 && hasRoom() ? moveOn(position, page, true) : moveOn(position, page);
      if (lower !== undefined) start(lower);
      if (page.next === undefined) reading.delete(position);
      await onProgress([...[...reading].map(({ segment }) => segment), ...waiting]);
      startMore();
    }
  };

  startMore();
  // Readers start further readers while they are awaited.
  for (const reader of running) await reader;
  if (failures.length > 0) throw failures[0];
}

/** What is left of a segment, and what was read of it: the creation of the first object, and how many. */
type Position = { segment: SyncSegment; first: number | undefined; items: number };

/** Moves a position behind a page. Returns the lower part if it is to be split, and can be. */
function moveOn(position: Position, { items, next }: BalanceList, split = false): SyncSegment | undefined {
  position.segment = { ...position.segment, cursor: next };
  position.first ??= items[0]?.created;
  position.items += items.length;
  if (!split || next === undefined) return undefined;
  const parts = splitSegment(position.segment, { ...position, last: items.at(-1)?.created });
  if (parts !== undefined) position.segment = parts.rest;
  return parts?.lower;
}

/** The pages of a segment. The consumer moves the position on. */
async function* pagesOf(
  name: BalanceObjectName,
  stripe: Pick<StripeBalance, "page">,
  position: { segment: SyncSegment },
): AsyncGenerator<Read<BalanceList>> {
  const visited = new Set<string>();
  let restarts = 0;
  for (;;) {
    const page = await stripe.page(name, position.segment);
    if (page === "lost") {
      restarts += 1;
      if (restarts > maxRestarts) throw malformedList(name, "repeatedly lost the object at its cursor");
      position.segment = { ...position.segment, cursor: undefined };
      visited.clear();
      continue;
    }
    const { next } = page;
    if (next !== undefined && visited.has(next))
      throw malformedList(name, `returns to ${next} and never ends`);
    yield page;
    if (next === undefined) return;
    visited.add(next);
  }
}
