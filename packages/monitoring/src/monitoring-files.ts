import { dashboards } from "./dashboards.ts";
import { ruleText } from "./rule-file.ts";

/** Everything that is made from this package: paths from the project's root, and what stands there. */
export function monitoringFiles(): Readonly<Record<string, string>> {
  return {
    "charts/takings/files/rules.yaml": ruleText(),
    ...Object.fromEntries(
      Object.entries(dashboards()).map(([name, dashboard]) => [
        `charts/takings/files/dashboards/${name}.json`,
        `${JSON.stringify(dashboard, null, 2)}\n`,
      ]),
    ),
  };
}
