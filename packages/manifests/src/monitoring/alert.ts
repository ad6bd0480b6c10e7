import { inNamespace } from "./namespace-selectors.ts";

/** `page`: revenue is at risk, act now. `ticket`: act during working hours. */
type Severity = "page" | "ticket";

export type Alert = {
  /** Also the file name of its runbook: `docs/runbooks/NAME.md`. */
  readonly name: string;
  readonly severity: Severity;
  /** PromQL without matchers for the namespace; each resulting series has the label `namespace`. */
  readonly expr: string;
  /** How long the expression must hold before the alert fires. */
  readonly for: string;
  /** What is wrong and since when: one line in Prometheus's template language. */
  readonly summary: string;
  /** Effect and first step, in the same language. The rest is in the runbook. */
  readonly description: string;
};

/** An alerting or recording rule in Prometheus's format. */
export type Rule =
  | {
      readonly alert: string;
      readonly expr: string;
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly record: string; readonly expr: string };

/** What differs between installations. */
export type Installation = {
  /** The namespace of the series that the rules read. */
  readonly namespace: string;
  /** The URL of the folder of the runbooks, without a slash at its end. */
  readonly runbooks: string;
};

/** An alert as a rule of one installation. */
export function toRule(alert: Alert, { namespace, runbooks }: Installation): Rule {
  const { name, severity, expr, summary, description } = alert;
  return {
    alert: name,
    expr: inNamespace(expr, namespace),
    for: alert.for,
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbooks}/${name}.md` },
  };
}
