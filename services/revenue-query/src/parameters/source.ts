import { z } from "zod";

/** The only source of this installation: what `/webhooks/stripe` and the key of `takings balance sync` bring in. */
export const defaultSource = "default";

const notConfigured = `is not a configured source: the only one is ${defaultSource}`;
const name = z.string().regex(/^(\*|[a-z0-9-]{1,40})$/, "must be the name of a source, or * for all");

/** The source of a query; `*` is all of them. */
export type SourceParameter = { readonly source: string };

/** `source` of lists and totals. */
export const sourceParameter: z.ZodType<string> = name
  .refine((given) => given === defaultSource || given === "*", notConfigured)
  .default(defaultSource)
  .meta({ description: "Omitted: the source `default`. `*`: all sources.", example: defaultSource });

/** `source` of a single object. */
export const sourceOfObjectParameter: z.ZodType<string> = name
  .refine((given) => given !== "*", "must be one source, not all of them")
  .refine((given) => given === defaultSource, notConfigured)
  .default(defaultSource)
  .meta({ description: "Omitted: the source `default`.", example: defaultSource });
