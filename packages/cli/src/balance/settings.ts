import { defaultSource } from "@takings/domain";
import {
  accountId,
  databaseUrl,
  type Environment,
  type NatsServer,
  natsServer,
  parseEnv,
} from "@takings/runtime";
import { z } from "zod";
import { databaseSettings } from "../settings/database.ts";
import { durationMs } from "../settings/duration.ts";
import { natsSettings } from "../settings/nats.ts";
import { readStripeSettings, type StripeSettings, stripeSettings } from "../settings/stripe.ts";

const accounts = z
  .string()
  .transform((text) => text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()])))
  .pipe(z.array(accountId()));

/** The settings of `takings balance sync`. */
export const balanceSettings = natsSettings.extend({
  ...stripeSettings.shape,
  ...databaseSettings.shape,
  STRIPE_CONNECTED_ACCOUNTS: accounts.prefault(""),
  BALANCE_OVERLAP: durationMs().prefault("3d"),
});

/** What the environment of `takings balance sync` configures. */
export type BalanceSettings = StripeSettings & {
  /** Of the source `default` only: the platform of another source cannot read them. */
  readonly connectedAccounts: readonly string[];
  readonly overlapMs: number;
  readonly databaseUrl: string;
  readonly nats: NatsServer;
};

/** Reads the settings of `takings balance sync` for a source, and its key file again on each call. @throws ConfigError */
export function readBalanceSettings(environment: Environment, source: string): BalanceSettings {
  const env = parseEnv(balanceSettings, environment);
  return {
    ...readStripeSettings(env, source),
    connectedAccounts: source === defaultSource ? env.STRIPE_CONNECTED_ACCOUNTS : [],
    overlapMs: env.BALANCE_OVERLAP,
    databaseUrl: databaseUrl(env),
    nats: natsServer(env),
  };
}
