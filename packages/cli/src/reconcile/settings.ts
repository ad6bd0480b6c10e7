import { databaseUrl, type Environment, type NatsServer, natsServer, parseEnv } from "@takings/runtime";
import { databaseSettings } from "../settings/database.ts";
import { natsSettings } from "../settings/nats.ts";
import { readStripeSettings, type StripeSettings, stripeSettings } from "../settings/stripe.ts";

const schema = natsSettings.extend({ ...stripeSettings.shape, ...databaseSettings.shape });

/** What the environment of `takings reconcile` configures. */
export type ReconcileSettings = StripeSettings & {
  readonly databaseUrl: string;
  readonly nats: NatsServer;
};

/** Reads the settings of `takings reconcile` for a source, and its key file again on each call. @throws ConfigError */
export function readReconcileSettings(environment: Environment, source: string): ReconcileSettings {
  const env = parseEnv(schema, environment);
  return { ...readStripeSettings(env, source), databaseUrl: databaseUrl(env), nats: natsServer(env) };
}
