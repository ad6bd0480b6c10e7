import { type Rule, ruleFile, type RuleFile } from "@takings/manifests";
import { installation } from "./installation.ts";

/** By how much the durations of the rules are shortened. */
const speedup = 60;
const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** The rules with every duration divided by 60, so that five minutes become five seconds. */
export function acceleratedRules(): RuleFile {
  return {
    groups: ruleFile(installation).groups.map((group) => ({
      ...group,
      rules: group.rules.map(accelerated),
    })),
  };
}

function accelerated(rule: Rule): Rule {
  // Durations are in brackets or after `offset`. Names of recorded series also contain text like `5m`.
  const expr = rule.expr
    .replaceAll(/(?<=\[)\d+[smhd](?=\])/g, shortened)
    .replaceAll(/(?<=offset )\d+[smhd]/g, shortened);
  return "alert" in rule ? { ...rule, expr, for: shortened(rule.for) } : { ...rule, expr };
}

function shortened(duration: string): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`${duration} is not a duration`);
  return `${Math.ceil((Number(count) * seconds[unit as keyof typeof seconds]) / speedup)}s`;
}
