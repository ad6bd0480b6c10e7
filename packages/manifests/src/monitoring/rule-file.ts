import { stringify } from "yaml";
import { type Alert, type Installation, type Rule, toRule } from "./alert.ts";
import { processingAlerts } from "./processing-alerts.ts";
import { balanceAlerts } from "./balance-alerts.ts";
import { endpointAlerts } from "./endpoint-alerts.ts";
import { recordedShares, serviceLevelAlerts } from "./service-levels.ts";
import { integrityAlerts } from "./integrity-alerts.ts";

export const alerts: readonly Alert[] = [
  ...serviceLevelAlerts,
  ...processingAlerts,
  ...integrityAlerts,
  ...balanceAlerts,
  ...endpointAlerts,
];

/** A Prometheus rule file; rules of a group are evaluated in this order. */
export type RuleFile = {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};

/** What the charts replace when they render the rules. */
const placeholders: Installation = { namespace: "__NAMESPACE__", runbooks: "__RUNBOOKS__" };

/** The rules of one installation: they read no series of another namespace. */
export function ruleFile(installation: Installation = placeholders): RuleFile {
  const rulesOf = (group: readonly Alert[]): readonly Rule[] =>
    group.map((alert) => toRule(alert, installation));
  const serviceLevelRules = [...recordedShares(installation.namespace), ...rulesOf(serviceLevelAlerts)];
  return {
    groups: [
      { name: "takings-service-levels", rules: serviceLevelRules },
      { name: "takings-processing", rules: rulesOf(processingAlerts) },
      { name: "takings-integrity", rules: rulesOf(integrityAlerts) },
      { name: "takings-balance", rules: rulesOf(balanceAlerts) },
      { name: "takings-endpoint", rules: rulesOf(endpointAlerts) },
    ],
  };
}

/** The rule file with placeholders, as YAML. */
export function ruleText(): string {
  const head = [
    "# Made by `pnpm manifests`. Do not edit.",
    "# The charts replace __NAMESPACE__ and __RUNBOOKS__, the URL of the folder of the runbooks.",
  ];
  return [...head, stringify(ruleFile(), { lineWidth: 0 })].join("\n");
}
