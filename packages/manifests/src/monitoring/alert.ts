/** `page`: revenue is at risk, act now. `ticket`: act during working hours. */
type Severity = "page" | "ticket";

export type Alert = {
  /** Also the file name of its runbook: `docs/runbooks/NAME.md`. */
  readonly name: string;
  readonly severity: Severity;
  /** PromQL; one series per installation, identified by the label `namespace`. */
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

const runbooks = "https://github.com/takings/takings/blob/main/docs/runbooks";

export function toRule({ name, severity, expr, for: holds, summary, description }: Alert): Rule {
  return {
    alert: name,
    expr,
    for: holds,
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbooks}/${name}.md` },
  };
}
