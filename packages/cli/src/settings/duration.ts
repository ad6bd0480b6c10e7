import { z } from "zod";

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration in milliseconds, from text such as `7d`, `36h`, `30m` or `45s`. */
export function durationMs(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,6}[smhd]$/, "must be a whole number followed by s, m, h or d, such as 7d")
    .transform((text) => Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units]);
}
