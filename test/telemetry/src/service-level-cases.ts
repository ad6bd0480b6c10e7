import { type AlertCase, fires, isSilent, requests } from "./alert-case.ts";

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
  fires("TakingsAcceptanceBudgetBurn", {
    when: "a twentieth of the webhooks is answered with 503",
    series: { ...requests("stored", "0+95x90"), ...requests("unavailable", "0+5x90") },
    at: "90m",
  }),
  fires("TakingsAcceptanceBudgetBurn", {
    when: "all of little traffic fails",
    series: { ...requests("stored", "60x90"), ...requests("unavailable", "0x30 0+1x60") },
    at: "90m",
  }),
  fires("TakingsAcceptanceBudgetBurn", {
    when: "one in a hundred fails for hours",
    series: { ...requests("duplicate", "0+990x400"), ...requests("overloaded", "0+10x400") },
    at: "400m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "one webhook fails on a quiet night",
    series: { ...requests("stored", "0x60 1x30"), ...requests("unavailable", "0x70 1x20") },
    at: "90m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "strangers are refused",
    series: { ...requests("stored", "0+100x90"), ...requests("bad_signature", "0+900x90") },
    at: "90m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "an outage is over for ten minutes",
    series: { ...requests("stored", "0+0x30 0+100x60"), ...requests("unavailable", "0+100x30 3000x60") },
    at: "75m",
  }),
  fires("TakingsAcceptanceBudgetBurnSlow", {
    when: "one in 500 fails for days",
    series: { ...requests("stored", "0+4990x90"), ...requests("failed", "0+10x90") },
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsAcceptanceBudgetBurnSlow", {
    when: "one in 2000 fails for days",
    series: { ...requests("stored", "0+9995x90"), ...requests("failed", "0+5x90") },
    at: "80h",
    every: "1h",
  }),
  fires("TakingsFreshnessBudgetBurn", {
    when: "a fifth of the events is late",
    series: freshness("0+80x90", "0+100x90"),
    at: "90m",
  }),
  isSilent("TakingsFreshnessBudgetBurn", {
    when: "one in 200 is late",
    series: freshness("0+199x90", "0+200x90"),
    at: "90m",
  }),
  isSilent("TakingsFreshnessBudgetBurn", {
    when: "three of three events at night are late",
    series: freshness("0x90", "0x80 3x10"),
    at: "90m",
  }),
  fires("TakingsFreshnessBudgetBurnSlow", {
    when: "one in 50 is late for days",
    series: freshness("0+49x90", "0+50x90"),
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsFreshnessBudgetBurnSlow", {
    when: "one in 200 is late for days",
    series: freshness("0+199x90", "0+200x90"),
    at: "80h",
    every: "1h",
  }),
  fires("TakingsLatencyBudgetBurn", {
    when: "a fifth of the answers is slow",
    series: duration("0+80x90", "0+100x90"),
    at: "90m",
  }),
  isSilent("TakingsLatencyBudgetBurn", {
    when: "all answers are quick",
    series: duration("0+100x90", "0+100x90"),
    at: "90m",
  }),
  fires("TakingsLatencyBudgetBurnSlow", {
    when: "one in 50 is slow for days",
    series: duration("0+49x90", "0+50x90"),
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsLatencyBudgetBurnSlow", {
    when: "there was no traffic for days",
    series: duration("500x90", "700x90"),
    at: "80h",
    every: "1h",
  }),
];
