/** A situation, and whether somebody is to be told of it. */
export type AlertCase = {
  readonly alert: string;
  /** What is going on. */
  readonly when: string;
  /** Series in promtool's notation: start, step, count. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  readonly fires: boolean;
  /** Between samples and evaluations; a minute unless days have to pass. */
  readonly every?: string;
};

type Situation = Omit<AlertCase, "alert" | "fires">;

export function fires(alert: string, situation: Situation): AlertCase {
  return { alert, fires: true, ...situation };
}

export function isSilent(alert: string, situation: Situation): AlertCase {
  return { alert, fires: false, ...situation };
}

/** Webhooks by what became of them. */
export const requests = (outcome: string, values: string): Record<string, string> => ({
  [`takings_webhook_requests_total{outcome="${outcome}"}`]: values,
});

/** Series without labels, by their names without `takings_`. */
export const gauges = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [`takings_${name}`, text]));
