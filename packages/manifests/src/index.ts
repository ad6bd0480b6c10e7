export type { Alert, Rule } from "./monitoring/alert.ts";
export { dashboards } from "./monitoring/dashboards.ts";
export { inNamespace } from "./monitoring/namespace-selectors.ts";
export { alerts, ruleFile, type RuleFile } from "./monitoring/rule-file.ts";
