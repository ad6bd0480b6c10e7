import type { Command } from "commander";

/** How the help of these commands describes the variables that options replace. */
export const placeHelp = {
  STRIPE_ENDPOINT_URL: "the same as --url",
  STRIPE_ENDPOINT_SECRET_FILE: "the same as --secret-file",
  STRIPE_ENDPOINT_KUBERNETES_SECRET: "the same as --kubernetes-secret",
  STRIPE_ENDPOINT_SOURCES_KEY: "the same as --sources-key",
  STRIPE_ENDPOINT_SOURCE: "the same as --source",
  STRIPE_ENDPOINT_CONNECT: "true: the same as --connect",
} as const;

/** Adds the options that say which endpoint a command is about, and where its signing secrets are. */
export function withPlaceOptions(command: Command): Command {
  return command
    .option("--url <url>", "where Stripe sends events")
    .option("--secret-file <file>", "where the signing secrets are, as in STRIPE_WEBHOOK_SECRETS_FILE")
    .option(
      "--kubernetes-secret <name>",
      "in a pod, instead of the file: the Secret with the signing secrets, in the key STRIPE_WEBHOOK_SECRETS",
    )
    .option(
      "--sources-key <key>",
      "the key of that Secret with the file of the sources, into which the secrets of --source are written",
    )
    .option("--source <name>", "the source whose endpoint it is (default: default)")
    .option("--connect", "the endpoint for events of connected accounts");
}
