import type { Moment } from "@takings/domain";
import type { Temporal } from "temporal-polyfill";

/**
 * Writes instants as RFC 3339 with the zone's offset. RFC 3339 offsets have no seconds, so instants in local mean time,
 * which zones used before they were standardised, are written in UTC. In ascending order only the first instant after a
 * change of the offset is looked up in the zone's rules, which takes most of the time of one.
 */
export function zonedTexts(zone: string): (instant: Temporal.Instant) => string {
  let known: OffsetSpan | undefined;
  return (instant) => {
    const span = known !== undefined && isWithin(instant, known) ? known : (known = spanAt(instant, zone));
    if (span.offsetNs % minuteNs !== 0) return instant.toString();
    const seconds = secondsText(instant, span.offsetNs / 1_000_000);
    if (seconds !== undefined) return seconds + span.offset;
    return instant.toZonedDateTimeISO(zone).toString({ timeZoneName: "never" });
  };
}

/** A span of time in which a zone keeps its offset; the end is not in it. */
type OffsetSpan = {
  readonly from: bigint;
  readonly to: bigint | undefined;
  readonly offset: string;
  readonly offsetNs: number;
};

function spanAt(instant: Temporal.Instant, zone: string): OffsetSpan {
  const zoned = instant.toZonedDateTimeISO(zone);
  return {
    from: instant.epochNanoseconds,
    to: zoned.getTimeZoneTransition("next")?.epochNanoseconds,
    offset: zoned.offset,
    offsetNs: zoned.offsetNanoseconds,
  };
}

function isWithin({ epochNanoseconds }: Temporal.Instant, { from, to }: OffsetSpan): boolean {
  return epochNanoseconds >= from && (to === undefined || epochNanoseconds < to);
}

/** An instant as RFC 3339 in UTC. */
export function utcText(instant: Temporal.Instant): string {
  const seconds = secondsText(instant, 0);
  return seconds === undefined ? instant.toString() : `${seconds}Z`;
}

/** An instant in the form that the store reads and responses show. */
export function momentOf(instant: Temporal.Instant): Moment;
export function momentOf(instant: Temporal.Instant | undefined): Moment | undefined;
export function momentOf(instant: Temporal.Instant | undefined): Moment | undefined {
  return instant === undefined ? undefined : utcText(instant);
}

/**
 * Date and time of a whole second at an offset. `Date` writes them in a fifth of the time that Temporal takes, and a
 * long series has thousands. `undefined` for fractions of a second and for years that need a sign.
 */
function secondsText(instant: Temporal.Instant, offsetMs: number): string | undefined {
  if (instant.epochNanoseconds % secondNs !== 0n) return undefined;
  const text = new Date(instant.epochMilliseconds + offsetMs).toISOString();
  return text.length === "2024-01-01T00:00:00.000Z".length ? text.slice(0, -".000Z".length) : undefined;
}

const minuteNs = 60_000_000_000;
const secondNs = 1_000_000_000n;
