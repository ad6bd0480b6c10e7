import { defaultSource, isSourceName } from "@takings/domain";
import { z } from "zod";

/** The source of a query; `*` is all of them. */
export type SourceParameter = { readonly source: string };

const advice = "1 to 40 of a-z, 0-9 and -";

const oneOrAll = z
  .string()
  .refine(
    (given) => given === "*" || isSourceName(given),
    `must be the name of a source (${advice}), or * for all`,
  );

/** `source` of lists and totals. Nothing is known of a source that never had an event, which is no error. */
export const sourceParameter: z.ZodType<string> = oneOrAll.default(defaultSource).meta({
  description:
    "The Stripe account whose webhooks are meant, by the name of its path. Omitted: `default`, which is " +
    "`/webhooks/stripe`. `*`: all sources.",
  example: defaultSource,
});

/** `source` of a search: whoever searches for an id may not know where it is from. */
export const sourceOfSearchParameter: z.ZodType<string> = oneOrAll
  .default("*")
  .meta({ description: "Only what this source has. Omitted: `*`, all sources.", example: defaultSource });

/** `source` of a single object. */
export const sourceOfObjectParameter: z.ZodType<string> = z
  .string()
  .refine(
    (given) => given !== "*",
    "must be one source, not all of them: ids are unique within a source only",
  )
  .refine(isSourceName, `must be the name of a source: ${advice}`)
  .default(defaultSource)
  .meta({ description: "The source of the object. Omitted: `default`.", example: defaultSource });
