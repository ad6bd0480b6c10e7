import type { Gap } from "./derivation/gaps.ts";
import type { Moment } from "./moment.ts";

/** A gap that has been open for an hour; see docs/revenue.md, Gaps. */
export type OpenGap = {
  readonly kind: Gap["kind"];
  /** The charge. */
  readonly objectId: string;
  readonly paymentIntent: string | null;
  /** Minor units; positive. */
  readonly amount: bigint;
  readonly currency: string;
  /** When the earliest event that shows it was created, by Stripe's clock. */
  readonly seenAt: Moment;
  readonly eventId: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Selects gaps. */
export type GapFilter = {
  /** `undefined`: both. */
  readonly kind: Gap["kind"] | undefined;
  /** `*`: all of them. */
  readonly source: string;
  /** `null`: the platform's own; an id: that connected account; `*`: all of them. */
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Orders the gaps of one moment and mode, and identifies each. */
export type GapPosition = Pick<OpenGap, "objectId" | "kind" | "source" | "account">;

/** A position as text. Sources, account ids and kinds contain no colon; the id of the charge comes last. */
export function gapPosition({ source, account, kind, objectId }: GapPosition): string {
  return `${source}:${account ?? ""}:${kind}:${objectId}`;
}

/** Parses the text of {@link gapPosition}. @throws RangeError for any other text. */
export function parseGapPosition(position: string): GapPosition {
  const [, source = "", account = "", kind, objectId = ""] =
    /^([^:]+):([^:]*):(payment|refund):(.+)$/su.exec(position) ?? [];
  if (kind !== "payment" && kind !== "refund") throw new RangeError(`${position} is not a gap position`);
  return { source, account: account === "" ? null : account, kind, objectId };
}
