import { type AlertCase, casesOf, fires, isSilent } from "./alert-case.ts";

const condition = (name: string, more = ""): string =>
  `takings_endpoint_condition{condition="${name}", source="default"${more}}`;
const changes = (kind: string): string =>
  `takings_endpoint_changes_total{change="${kind}", source="default"}`;
const checked = 'takings_endpoint_checked_timestamp_seconds{source="default"}';

/** The cases of an alert about one condition. */
function conditionCases(alert: string, name: string, at: string): AlertCase[] {
  return casesOf(alert, { at }, [
    fires("the watch cannot mend it", { [condition(name)]: "1x5 0x30" }),
    fires("it concerns one source of two", {
      [condition(name)]: "1x40",
      [`takings_endpoint_condition{condition="${name}", source="shop-eu"}`]: "0x40",
    }),
    isSilent("the watch mends it within a minute", { [condition(name)]: "1x5 0 1x30" }),
    isSilent("another condition fails", { [condition("Other")]: "0x40", [condition(name)]: "1x40" }),
    isSilent("no watch runs", { 'takings_build_info{service="ingress"}': "1x40" }),
  ]);
}

export const endpointCases: readonly AlertCase[] = [
  ...conditionCases("TakingsEndpointDisabled", "Enabled", "20m"),
  ...conditionCases("TakingsEndpointTypesMissing", "TypesComplete", "20m"),
  ...conditionCases("TakingsEndpointVersionNotPinned", "VersionPinned", "30m"),
  ...conditionCases("TakingsEndpointSecretNotLive", "SecretLive", "20m"),
  ...casesOf("TakingsEndpointWasDisabled", { at: "40m" }, [
    fires("the watch enabled it half an hour ago", { [changes("enable")]: "0x10 1x40" }),
    isSilent("the watch made other changes", {
      [changes("enable")]: "0x50",
      [changes("update")]: "0x10 1x40",
    }),
    isSilent("that was hours ago", { [changes("enable")]: "0x10 1x300" }, "4h"),
  ]),
  ...casesOf("TakingsEndpointWatchStale", { at: "30m" }, [
    fires("no check was completed for half an hour", { [checked]: "0x40" }),
    fires("the process has gone", { [checked]: "0+60x10 _x30" }),
    isSilent("each check is completed", { [checked]: "0+60x40" }),
    isSilent("Stripe was away for five minutes", { [checked]: "0+60x22 1320x5 1680+60x12" }),
  ]),
];
