/** Marks a span that is kept whatever the ratio, in a way that collectors' probabilistic samplers heed as well. */
export const alwaysSampled = { "sampling.priority": 1 } as const;

export function isAlwaysSampled(attributes: Readonly<Record<string, unknown>>): boolean {
  return attributes["sampling.priority"] === alwaysSampled["sampling.priority"];
}
