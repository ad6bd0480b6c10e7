import type { BalanceFact } from "./balance/balance-fact.ts";
import type { EventFacts } from "./derivation/event-facts.ts";

/** A received event as it is stored: what Stripe sent, and what it means. */
export type EventRecord = {
  /** Unique within its source only: `messageIdOf` identifies the event. */
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  /** Stripe's clock; the time of receipt where the event has no time. */
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
  /** What it states about payments; `undefined` where it states nothing, or nothing that may count. */
  readonly facts: EventFacts | undefined;
  /** What it states about a balance transaction or a payout; `undefined` where it states nothing. */
  readonly balance: BalanceFact | undefined;
  /** The body exactly as received. */
  readonly payload: Uint8Array;
};

/** The position of an event on a stream. */
export type StreamPosition = {
  /** When the stream was created: one that is created again has the same name and counts from 1. */
  readonly stream: string;
  readonly sequence: number;
};

/** An event to be stored, with its position if it came from the stream. */
export type PositionedRecord = EventRecord & { readonly position?: StreamPosition | undefined };
