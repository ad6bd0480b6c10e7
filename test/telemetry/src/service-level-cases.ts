import { type AlertCase, casesOf, fires, isSilent, requests } from "./alert-case.ts";

/** A histogram of which only one boundary matters. */
const histogram = (name: string, bound: number, good: string, all: string): Record<string, string> => ({
  [`${name}_bucket{le="${bound}.0"}`]: good,
  [`${name}_count`]: all,
});

const freshness = (good: string, all: string): Record<string, string> =>
  histogram("takings_event_freshness_seconds", 60, good, all);
const duration = (good: string, all: string): Record<string, string> =>
  histogram("takings_webhook_duration_seconds", 1, good, all);

export const serviceLevelCases: readonly AlertCase[] = [
  ...casesOf("TakingsAcceptanceBudgetBurn", { at: "90m" }, [
    fires("a twentieth of the webhooks is answered with 503", {
      ...requests("stored", "0+95x90"),
      ...requests("unavailable", "0+5x90"),
    }),
    fires("all of little traffic fails", {
      ...requests("stored", "60x90"),
      ...requests("unavailable", "0x30 0+1x60"),
    }),
    fires(
      "one in a hundred fails for hours",
      { ...requests("duplicate", "0+990x400"), ...requests("overloaded", "0+10x400") },
      "400m",
    ),
    isSilent("one webhook fails on a quiet night", {
      ...requests("stored", "0x60 1x30"),
      ...requests("unavailable", "0x70 1x20"),
    }),
    isSilent("strangers are refused", {
      ...requests("stored", "0+100x90"),
      ...requests("bad_signature", "0+900x90"),
    }),
    isSilent(
      "an outage is over for ten minutes",
      { ...requests("stored", "0+0x30 0+100x60"), ...requests("unavailable", "0+100x30 3000x60") },
      "75m",
    ),
  ]),
  ...casesOf("TakingsAcceptanceBudgetBurnSlow", { at: "80h", every: "1h" }, [
    fires("one in 500 fails for days", {
      ...requests("stored", "0+4990x90"),
      ...requests("failed", "0+10x90"),
    }),
    isSilent("one in 2000 fails for days", {
      ...requests("stored", "0+9995x90"),
      ...requests("failed", "0+5x90"),
    }),
  ]),
  ...casesOf("TakingsFreshnessBudgetBurn", { at: "90m" }, [
    fires("a fifth of the events is late", freshness("0+80x90", "0+100x90")),
    isSilent("one in 200 is late", freshness("0+199x90", "0+200x90")),
    isSilent("three of three events at night are late", freshness("0x90", "0x80 3x10")),
  ]),
  ...casesOf("TakingsFreshnessBudgetBurnSlow", { at: "80h", every: "1h" }, [
    fires("one in 50 is late for days", freshness("0+49x90", "0+50x90")),
    isSilent("one in 200 is late for days", freshness("0+199x90", "0+200x90")),
  ]),
  ...casesOf("TakingsLatencyBudgetBurn", { at: "90m" }, [
    fires("a fifth of the answers is slow", duration("0+80x90", "0+100x90")),
    isSilent("all answers are quick", duration("0+100x90", "0+100x90")),
  ]),
  ...casesOf("TakingsLatencyBudgetBurnSlow", { at: "80h", every: "1h" }, [
    fires("one in 50 is slow for days", duration("0+49x90", "0+50x90")),
    isSilent("there was no traffic for days", duration("500x90", "700x90")),
  ]),
];
