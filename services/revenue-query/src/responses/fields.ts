import { z } from "zod";

/** An RFC 3339 instant in UTC. */
export const instant: z.ZodType<string> = z.string().meta({ format: "date-time" });

/** The account that a row belongs to. */
export const account: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ description: "The connected account; null is the platform itself." });

/** The instant as of which a response was read; anything recorded later is not in it. */
export const asOf: z.ZodType<string> = z.string().meta({
  format: "date-time",
  description:
    "The instant this response is as of: it includes everything recorded until then, and nothing recorded later.",
});

/** The cursor of the next page. */
export const nextCursor: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ description: "The `cursor` of the next page; null on the last page." });

/** The source of a row or an answer. */
export const source: z.ZodType<string> = z.string().meta({
  description: "The source: the Stripe account whose webhooks it came by. In totals `*` is all sources.",
  example: "default",
});
