export type { Alert, Rule } from "./monitoring/alert.ts";
export { dashboards } from "./monitoring/dashboards.ts";
export { alerts, ruleFile, type RuleFile, ruleText } from "./monitoring/rule-file.ts";
