import type { Gap } from "./derivation/gaps.ts";
import type { Moment } from "./payment-repository.ts";

/** A gap that has been open for long enough to be told of, as it is shown: docs/revenue.md, Gaps. */
export type OpenGap = {
  readonly kind: Gap["kind"];
  /** The charge. */
  readonly objectId: string;
  readonly paymentIntent: string | null;
  /** Minor units; positive. */
  readonly amount: bigint;
  readonly currency: string;
  /** When the earliest event that proves it was made, by Stripe's clock. */
  readonly seenAt: Moment;
  readonly eventId: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Which gaps to read. */
export type GapFilter = {
  /** `undefined`: both. */
  readonly kind: Gap["kind"] | undefined;
  /** `null`: the platform's own; an id: that connected account; `*`: all of them. */
  readonly account: string | null;
  readonly livemode: boolean;
};

/** What orders the gaps of one moment in one mode, and tells them apart. */
export type GapPosition = Pick<OpenGap, "objectId" | "kind" | "account">;

/** A place as text. An account's id has no colon, and neither has a kind; the charge's id comes last. */
export function gapPosition({ account, kind, objectId }: GapPosition): string {
  return `${account ?? ""}:${kind}:${objectId}`;
}

/** What {@link gapPosition} wrote. @throws RangeError for any other text. */
export function parseGapPosition(position: string): GapPosition {
  const [, account = "", kind, objectId = ""] = /^([^:]*):(payment|refund):(.+)$/su.exec(position) ?? [];
  if (kind !== "payment" && kind !== "refund") throw new RangeError(`${position} is no place of a gap`);
  return { account: account === "" ? null : account, kind, objectId };
}
