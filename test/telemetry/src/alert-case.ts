/** A situation and whether the alert must fire in it. */
export type AlertCase = {
  readonly alert: string;
  /** The situation, in words. */
  readonly when: string;
  /** Input series in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  /** When the alert is evaluated. */
  readonly at: string;
  readonly fires: boolean;
  /** The interval of samples and evaluations. Default: one minute. */
  readonly every?: string;
};

type Situation = Omit<AlertCase, "alert" | "fires">;

export function fires(alert: string, situation: Situation): AlertCase {
  return { alert, fires: true, ...situation };
}

export function isSilent(alert: string, situation: Situation): AlertCase {
  return { alert, fires: false, ...situation };
}

/** The counter of webhook requests with one outcome. */
export const requests = (outcome: string, values: string): Record<string, string> => ({
  [`takings_webhook_requests_total{outcome="${outcome}"}`]: values,
});

/** Series without labels; names are given without `takings_`. */
export const gauges = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [`takings_${name}`, text]));
