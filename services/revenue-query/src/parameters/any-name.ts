import { z } from "zod";

/** A name of Stripe's. These are open lists, so any text that can be stored is one. */
export const anyName: z.ZodString = z
  .string()
  .regex(/^[^\s\p{C}]{1,255}$/u, "must be 1 to 255 characters without spaces");
