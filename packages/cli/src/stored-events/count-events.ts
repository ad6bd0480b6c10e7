import { rulesVersion } from "@takings/domain";
import type { EventWithBody } from "@takings/postgres";

/** Events that were read by another version of the rules than the current one. */
export type OtherRules = { readonly rules: number; readonly events: number; readonly withoutBody: number };

/** How many events there are, and by which rules they were read. */
export type CountedEvents = {
  readonly events: number;
  /** Events whose body was removed; they count by the facts that were kept. */
  readonly withoutBody: number;
  readonly otherRules: readonly OtherRules[];
};

/** Counts events by the version of the rules that read them. */
export function countEvents(): { add(stored: EventWithBody): void; soFar(): CountedEvents } {
  const byRules = new Map<number, OtherRules>();
  const sum = (of: "events" | "withoutBody"): number =>
    byRules.values().reduce((total, counted) => total + counted[of], 0);
  return {
    add({ rules, body }) {
      const known = byRules.get(rules) ?? { rules, events: 0, withoutBody: 0 };
      const withoutBody = known.withoutBody + (body === "removed" ? 1 : 0);
      byRules.set(rules, { rules, events: known.events + 1, withoutBody });
    },
    soFar: () => ({
      events: sum("events"),
      withoutBody: sum("withoutBody"),
      otherRules: [...byRules.values()]
        .filter(({ rules }) => rules !== rulesVersion)
        .toSorted((a, b) => a.rules - b.rules),
    }),
  };
}

/** Describes events that older rules have read, and how to read them again. */
export function describeOtherRules({ rules, events, withoutBody }: OtherRules): string {
  const readable = events - withoutBody;
  const whole = `${events} event(s) were read by version ${rules} of the rules (the current version is ${rulesVersion})`;
  const lost = withoutBody === 0 ? "" : `; ${withoutBody} of them have no body and stay as they are`;
  return `${whole}${lost}${readable === 0 ? "" : `; takings rebuild reads ${readable} of them again`}`;
}
