import { stringify } from "yaml";
import { type Alert, type Rule, toRule } from "./alert.ts";
import { processingAlerts } from "./processing-alerts.ts";
import { recordedShares, serviceLevelAlerts } from "./service-levels.ts";
import { integrityAlerts } from "./integrity-alerts.ts";

export const alerts: readonly Alert[] = [...serviceLevelAlerts, ...processingAlerts, ...integrityAlerts];

/** A Prometheus rule file; rules of a group are evaluated in this order. */
export type RuleFile = {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};

export function ruleFile(): RuleFile {
  return {
    groups: [
      { name: "takings-service-levels", rules: [...recordedShares(), ...serviceLevelAlerts.map(toRule)] },
      { name: "takings-processing", rules: processingAlerts.map(toRule) },
      { name: "takings-integrity", rules: integrityAlerts.map(toRule) },
    ],
  };
}

/** The rule file as YAML. */
export function ruleText(): string {
  return `# Made by \`pnpm manifests\`. Do not edit.\n${stringify(ruleFile(), { lineWidth: 0 })}`;
}
