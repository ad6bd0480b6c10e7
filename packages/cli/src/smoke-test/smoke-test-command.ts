import { randomBytes } from "node:crypto";
import { defaultSource } from "@takings/domain";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { z } from "zod";
import type { Print } from "../command.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { sourceOption } from "../options/source.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { type Canary, createCanaries } from "./canaries.ts";
import { deliverCanaries, deliverForged } from "./delivery.ts";
import { readCanaries } from "./readback.ts";
import { createReport, formatReport } from "./report.ts";
import { firstOf, signingSecret } from "./signing-secret.ts";
import { queryUrlOption, webhookUrlOf, webhookUrlOption } from "./url-options.ts";

type Options = {
  readonly ingress: string;
  readonly revenue: string;
  readonly source: string;
  readonly payments: number;
  readonly within: number;
  readonly json?: true;
};

const settings = z.object({
  STRIPE_WEBHOOK_SECRETS: z.string().optional(),
  STRIPE_WEBHOOK_SECRETS_FILE: z.string().optional(),
  STRIPE_SOURCES_FILE: z.string().optional(),
  API_TOKENS: z.string().optional(),
  API_TOKENS_FILE: z.string().optional(),
});

const environment = environmentHelp({
  STRIPE_WEBHOOK_SECRETS: "secrets of ingress; the first one signs the events",
  STRIPE_WEBHOOK_SECRETS_FILE: "file with these secrets",
  STRIPE_SOURCES_FILE:
    "with --source: the file of sources of ingress; the first secret of the source is used",
  API_TOKENS: "tokens of revenue-query; the first one is used",
  API_TOKENS_FILE: "file with these tokens",
});
const count = wholeNumberOption(1, 99_999);

/** `takings smoke-test`: sends canaries through a running installation; exits with 1 unless each is counted once. */
export function smokeTestCommand(env: Environment, print: Print): Command {
  return new Command("smoke-test")
    .summary("send test events through a running installation and check the result")
    .description(
      "send signed test-mode events, each twice and in random order, through a running installation and check that " +
        "each is stored and counted once. The events stay stored under an invented connected account in test mode; " +
        "live revenue is not affected",
    )
    .requiredOption(
      "--ingress <url>",
      "where Stripe's webhooks arrive, such as https://hooks.example.com/webhooks/stripe; the path may be omitted",
      webhookUrlOption,
    )
    .requiredOption(
      "--revenue <url>",
      "base URL of revenue-query, such as http://127.0.0.1:8081",
      queryUrlOption,
    )
    .option("--source <name>", "the source to send to", sourceOption, defaultSource)
    .option("--payments <number>", "how many payments to generate, with three to five events each", count, 20)
    .option("--within <seconds>", "time limit for the whole test", count, 120)
    .option("--json", "print the report as JSON")
    .addHelpText("after", environment)
    .action(async (options: Options) => {
      const { API_TOKENS, API_TOKENS_FILE, ...secrets } = parseEnv(settings, env);
      const report = await runSmokeTest(options, {
        secret: signingSecret(secrets, options.source),
        token: firstOf(API_TOKENS, API_TOKENS_FILE),
      });
      print(options.json ? JSON.stringify(report) : formatReport(report));
      if (!report.passed) process.exitCode = 1;
    });
}

async function runSmokeTest(
  { ingress, revenue, source, payments, within }: Options,
  { secret, token }: { readonly secret: string; readonly token: string | undefined },
): Promise<ReturnType<typeof createReport>> {
  const run = randomBytes(6).toString("hex");
  const deadline = performance.now() + within * 1_000;
  const canaries = createCanaries(run, payments, Math.floor(Date.now() / 1_000));
  const delivery = { ingress: webhookUrlOf(ingress, source), secret, deadline };
  const accepted = await deliverCanaries(duplicateAndShuffle(canaries.events), delivery);
  const [forged] = createCanaries(`${run}forged`, 1, Math.floor(Date.now() / 1_000)).events;
  const forgedStatus = forged === undefined ? 0 : await deliverForged(forged, delivery);
  const found = await readCanaries(canaries, { revenue, token, source, deadline });
  return createReport({ run, source, canaries, accepted, forgedStatus, found });
}

/** Every event twice, in random order. */
function duplicateAndShuffle(events: readonly Canary[]): Canary[] {
  const tagged = [...events, ...events].map((event) => ({ event, at: Math.random() }));
  return tagged.toSorted((a, b) => a.at - b.at).map(({ event }) => event);
}
