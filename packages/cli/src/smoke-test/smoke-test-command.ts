import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type Canary, createCanaries } from "./canaries.ts";
import { deliverCanaries, deliverForged } from "./delivery.ts";
import { readCanaries } from "./readback.ts";
import { createReport, formatReport } from "./report.ts";

type Options = {
  readonly ingress: string;
  readonly revenue: string;
  readonly payments: number;
  readonly within: number;
  readonly json?: true;
};

const settings = z
  .object({
    STRIPE_WEBHOOK_SECRETS: z.string().optional(),
    STRIPE_WEBHOOK_SECRETS_FILE: z.string().optional(),
    API_TOKENS: z.string().optional(),
    API_TOKENS_FILE: z.string().optional(),
  })
  .refine((env) => (env.STRIPE_WEBHOOK_SECRETS ?? env.STRIPE_WEBHOOK_SECRETS_FILE) !== undefined, {
    path: ["STRIPE_WEBHOOK_SECRETS"],
    message: "is required, or STRIPE_WEBHOOK_SECRETS_FILE: ingress believes only what is signed",
  });

/** `takings smoke-test`: sends canaries through a running installation, and exits 1 unless each is counted exactly once. */
export function smokeTestCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("smoke-test")
    .description(
      "send signed test-mode events, twice and in random order, through a running installation and check what it makes of them; STRIPE_WEBHOOK_SECRETS(_FILE) signs, API_TOKENS(_FILE) reads. They stay stored, under an invented connected account and in test mode, so live revenue is not touched",
    )
    .requiredOption(
      "--ingress <url>",
      "where Stripe's webhooks arrive, such as https://hooks.example.com/webhooks/stripe, or the host alone",
      webhookUrl,
    )
    .requiredOption("--revenue <url>", "base URL of revenue-query, such as http://127.0.0.1:8081", serviceUrl)
    .option(
      "--payments <number>",
      "how many payments to generate, with three to five events each",
      wholeNumber,
      20,
    )
    .option("--within <seconds>", "how long the installation may take altogether", wholeNumber, 120)
    .option("--json", "print the report as JSON")
    .action(async (options: Options) => {
      const env = parseEnv(settings, environment);
      const report = await runSmokeTest(options, {
        secret: firstOf(env.STRIPE_WEBHOOK_SECRETS, env.STRIPE_WEBHOOK_SECRETS_FILE) ?? "",
        token: firstOf(env.API_TOKENS, env.API_TOKENS_FILE),
      });
      say(options.json ? JSON.stringify(report) : formatReport(report));
      if (!report.passed) process.exitCode = 1;
    });
}

async function runSmokeTest(
  { ingress, revenue, payments, within }: Options,
  { secret, token }: { readonly secret: string; readonly token: string | undefined },
): Promise<ReturnType<typeof createReport>> {
  const run = randomBytes(6).toString("hex");
  const deadline = Date.now() + within * 1_000;
  const canaries = createCanaries(run, payments, Math.floor(Date.now() / 1_000));
  const delivery = { ingress, secret, deadline };
  const accepted = await deliverCanaries(duplicateAndShuffle(canaries.events), delivery);
  const [forged] = createCanaries(`${run}forged`, 1, Math.floor(Date.now() / 1_000)).events;
  const forgedStatus = forged === undefined ? 0 : await deliverForged(forged, delivery);
  const found = await readCanaries(canaries, { revenue, token, deadline });
  return createReport({ run, canaries, accepted, forgedStatus, found });
}

/** Every event twice, and none where it belongs. */
function duplicateAndShuffle(events: readonly Canary[]): Canary[] {
  const tagged = [...events, ...events].map((event) => ({ event, at: Math.random() }));
  return tagged.toSorted((a, b) => a.at - b.at).map(({ event }) => event);
}

/** The first of several secrets, from a variable or from the file that its twin names. */
function firstOf(text: string | undefined, file: string | undefined): string | undefined {
  const found = text ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
  return found?.split(/[\s,]+/).find((word) => word !== "");
}

function webhookUrl(text: string): string {
  const parsed = httpUrl(text);
  if (parsed.pathname === "/") parsed.pathname = "/webhooks/stripe";
  return parsed.href;
}

/** Without the path under which all answers are. */
function serviceUrl(text: string): string {
  const { origin, pathname } = httpUrl(text);
  return `${origin}${pathname.replace(/\/(?:v1(?:\/revenue)?\/?)?$/, "")}`;
}

function httpUrl(text: string): URL {
  const parsed = URL.parse(text);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new InvalidArgumentError("It must be an address that begins with http:// or https://.");
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new InvalidArgumentError("A whole number from 1 to 99999 is needed.");
  return Number(text);
}
