/** A page wakes somebody because money is at risk; a ticket waits for the morning. */
type Severity = "page" | "ticket";

export type Alert = {
  /** Also the name of its runbook, `docs/runbooks/NAME.md`. */
  readonly name: string;
  readonly severity: Severity;
  /** PromQL; one series per installation, which is what the label `namespace` tells apart. */
  readonly expr: string;
  /** How long the expression must hold before anybody is told. */
  readonly for: string;
  /** One line, in Prometheus's templates. */
  readonly summary: string;
};

/** A rule as Prometheus reads it. */
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

export function toRule({ name, severity, expr, for: holds, summary }: Alert): Rule {
  return {
    alert: name,
    expr,
    for: holds,
    labels: { severity },
    annotations: { summary, runbook_url: `${runbooks}/${name}.md` },
  };
}
