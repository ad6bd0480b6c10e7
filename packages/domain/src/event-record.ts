import type { EventFacts } from "./derivation/event-facts.ts";

/** Everything that is kept of one received event: what Stripe sent, and what it means. */
export type EventRecord = {
  readonly eventId: string;
  readonly type: string;
  /** Stripe's clock; the time of reception where the event names no time. */
  readonly created: Date;
  /** When the stream stored it. */
  readonly receivedAt: Date;
  readonly livemode: boolean | null;
  /** `null` is the platform itself. */
  readonly account: string | null;
  readonly objectId: string | null;
  readonly paymentIntent: string | null;
  readonly status: "processed" | "quarantined";
  /** Why it is quarantined; `null` on a processed event. */
  readonly reason: string | null;
  /** What it states about payments; `undefined` where that is nothing, or nothing that may count. */
  readonly facts: EventFacts | undefined;
  /** The body exactly as received. */
  readonly payload: Uint8Array;
};

/** Where an event lies on a stream. */
export type StreamPosition = {
  /** Tells the stream from one that was made anew under its name, and begins to count again. */
  readonly stream: string;
  readonly sequence: number;
};

/** An event on its way into the store, with its place on the stream unless it came another way. */
export type PositionedRecord = EventRecord & { readonly position?: StreamPosition | undefined };
