import { isIP } from "node:net";
import { z } from "zod";

/** The environment of a process, as `process.env` gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when the environment is invalid; `message` lists every bad key with what is expected. */
export class ConfigError extends Error {
  /** One for each bad key: its name, a colon, and what is expected. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the environment is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * Parses all settings of a service at once. Empty values count as absent; no default ever replaces a value that is present
 * and wrong.
 * @throws ConfigError naming every bad key at once.
 */
export function parseEnv<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${issue.path.join(".") || "environment"}: ${issue.message}`),
  );
}

/** A whole number within bounds, from text. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** `true` or `false`, from text. */
export function flag(): z.ZodType<boolean, string> {
  return z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
}

/** A TCP port; 0 lets the system choose one. */
export function port(): z.ZodType<number, string> {
  return integer(0, 65_535);
}

/** The IP address of an interface to listen on. Not a name: some shells export the name of the machine as HOST. */
export function host(): z.ZodType<string, string> {
  const message = "must be the IP address to listen on, such as 127.0.0.1; without HOST, all";
  return z.string().refine((text) => isIP(text) !== 0, message);
}

/** An absolute URL with one of the given schemes, kept as text. */
export function url(...schemes: readonly string[]): z.ZodType<string, string> {
  const isUrl = (text: string): boolean => {
    const parsed = URL.parse(text);
    return parsed !== null && schemes.includes(parsed.protocol.slice(0, -1));
  };
  return z.string("is required").refine(isUrl, `must be a URL starting with ${schemes.join(":// or ")}://`);
}

/** A Stripe account id. */
export function accountId(): z.ZodType<string, string> {
  return z.string().regex(/^acct_\w+$/, "must be a Stripe account id such as acct_1032D82eZvKYlo2C");
}

/** How much a service logs. */
export const logLevel: z.ZodDefault<z.ZodEnum<Record<LogLevel, LogLevel>>> = z
  .enum({
    trace: "trace",
    debug: "debug",
    info: "info",
    warn: "warn",
    error: "error",
    fatal: "fatal",
    silent: "silent",
  })
  .default("info");

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
