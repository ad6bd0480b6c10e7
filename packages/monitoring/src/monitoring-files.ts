import { dashboards } from "./dashboards.ts";
import { ruleText } from "./rule-file.ts";

/** Everything that is made from this package: paths from the project's root, and what stands there. */
export function monitoringFiles(): Readonly<Record<string, string>> {
  return {
    "charts/takings/files/rules.yaml": ruleText(),
    ...Object.fromEntries(
      dashboards().map((dashboard) => [
        `charts/takings/files/dashboards/${dashboard.uid}.json`,
        `${JSON.stringify(dashboard, null, 2)}\n`,
      ]),
    ),
  };
}
