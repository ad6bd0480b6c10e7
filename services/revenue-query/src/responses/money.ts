import { exponentOf, toMajor } from "@takings/domain";
import { z } from "zod";

/** An exact amount, in the currency's minor unit and as a decimal. Strings, because JSON numbers are floats. */
export type Money = { readonly minor: string; readonly major: string };

/** Schema of {@link Money}. */
export const money: z.ZodType<Money> = z
  .object({
    minor: z
      .string()
      .regex(/^-?\d+$/)
      .meta({ description: "In the currency's minor unit.", example: "1250000" }),
    major: z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .meta({ description: "In the currency's major unit, exact.", example: "12500.00" }),
  })
  .meta({ id: "Money", description: "An exact amount." });

/** Converts an amount in minor units to its response form. */
export function moneyOf(minor: bigint, currency: string): Money {
  return { minor: minor.toString(), major: toMajor(minor, exponentOf(currency)) };
}
