/** A situation and whether the alert must fire in it. */
export type AlertCase = Situation & Evaluation & { readonly alert: string };

/** Input series in promtool's notation, by selector. Without a namespace they are of the installation that is tested. */
type SeriesValues = Readonly<Record<string, string>>;

type Situation = {
  /** In words. */
  readonly when: string;
  readonly series: SeriesValues;
  readonly fires: boolean;
};

type Evaluation = {
  /** When the alert is evaluated. */
  readonly at: string;
  /** The interval of samples and evaluations. Default: one minute. */
  readonly every?: string;
};

/** The cases of one alert. A situation with an `at` of its own is evaluated then. */
export function casesOf(
  alert: string,
  evaluation: Evaluation,
  situations: readonly (Situation & Partial<Evaluation>)[],
): AlertCase[] {
  return situations.map((situation) => ({ alert, ...evaluation, ...situation }));
}

/** A situation in which the alert must fire. */
export function fires(when: string, series: SeriesValues, at?: string): Situation & Partial<Evaluation> {
  return { when, series, fires: true, ...(at !== undefined && { at }) };
}

/** A situation in which it must not. */
export function isSilent(when: string, series: SeriesValues, at?: string): Situation & Partial<Evaluation> {
  return { ...fires(when, series, at), fires: false };
}

/** The counter of webhook requests to a source with one outcome. */
export const requests = (outcome: string, values: string, source = "default"): SeriesValues => ({
  [`takings_webhook_requests_total{outcome="${outcome}", source="${source}"}`]: values,
});

/** Series without labels; names are given without `takings_`. */
export const gauges = (values: SeriesValues): SeriesValues =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [`takings_${name}`, text]));
