import { eventfulEvent, eventfulPayment } from "./generated-events.ts";

/** A picture of a view for the documentation. */
type Picture = {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: "dark";
};

const october = "/?from=2026-10-01&to=2026-11-01&interval=day&currency=usd";
const wide = { width: 1_100, height: 800 } as const;

/** The pictures of the README. */
export const pictures: readonly Picture[] = [
  { name: "overview-light", path: october, ...wide, height: 1_000 },
  { name: "overview-dark", path: october, ...wide, height: 1_000, colorScheme: "dark" },
  { name: "overview-narrow", path: october, width: 360, height: 780 },
  { name: "payment", path: `/payments/${eventfulPayment}`, ...wide },
  { name: "event", path: `/events/${eventfulEvent}`, ...wide },
  { name: "payouts", path: "/payouts", ...wide },
];
