/** Marks a span that is sampled whatever the ratio; collectors' probabilistic samplers honour it as well. */
export const alwaysSampled = { "sampling.priority": 1 } as const;

/** Whether a span with these attributes is marked by {@link alwaysSampled}. */
export function isAlwaysSampled(attributes: Readonly<Record<string, unknown>>): boolean {
  return attributes["sampling.priority"] === alwaysSampled["sampling.priority"];
}
