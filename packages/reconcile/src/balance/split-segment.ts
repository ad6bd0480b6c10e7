import type { SyncSegment } from "@takings/domain";

/** What was read of a segment: creation times in Unix seconds, newest first, and how many objects. */
export type ReadSpan = {
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly items: number;
};

/** Where nothing is known of the beginning: before Stripe existed. In Unix seconds. */
const earliest = Date.UTC(2010, 0) / 1_000;
/** The other part begins at most this many times as far back as was read, because there may be nothing much earlier. */
const maxReach = 16;
/** A segment with fewer objects left is not split, because its other part costs a request of its own: eight pages. */
const minItems = 800;

/**
 * Splits what is left of a segment by its time; `undefined` where it is not worth it. `rest` continues after
 * what was read. Objects are assumed to lie as densely as those that were read; where they do not, a part is short.
 */
export function splitSegment(
  segment: SyncSegment,
  { first, last, items }: ReadSpan,
): { readonly rest: SyncSegment; readonly lower: SyncSegment } | undefined {
  if (first === undefined || last === undefined) return undefined;
  const from = segment.from ?? earliest;
  const span = Math.max(first - last, 1);
  const density = items / span;
  const middle = Math.floor(Math.max((from + last) / 2, last - span * maxReach));
  // The object at the cursor stays in the rest.
  if (middle <= from || middle >= last || density * (last - from) < minItems) return undefined;
  return {
    rest: { ...segment, from: middle },
    lower: { ...segment, to: middle, cursor: undefined },
  };
}
