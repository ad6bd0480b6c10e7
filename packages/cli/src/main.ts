import { applyTopology, openLink } from "@takings/nats";
import { migrate } from "@takings/postgres";
import { ConfigError, integer, parseEnv, url } from "@takings/runtime";
import { Command } from "commander";
import { z } from "zod";
import { drillCommand } from "./drill-command.ts";
import { payloadsCommand } from "./payloads.ts";
import { rebuildCommand } from "./rebuild-command.ts";
import { reconcileCommand } from "./reconcile-command.ts";
import { verifyCommand } from "./verify-command.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("takings").description("Sets up and looks after a Takings installation.");

program
  .command("migrate")
  .description("bring the database (DATABASE_URL, a role that may create tables and roles) to this version")
  .action(async () => {
    const env = parseEnv(z.object({ DATABASE_URL: url("postgres", "postgresql") }), process.env);
    const applied = await migrate(env.DATABASE_URL, say);
    say(applied.length === 0 ? "the database is up to date" : `applied ${applied.length} migration(s)`);
  });

program
  .command("stream")
  .description("create or update the stream and its durable consumer (NATS_URL, an account that may)")
  .action(async () => {
    const settings = z.object({
      NATS_URL: url("nats", "tls"),
      NATS_CREDS_FILE: z.string().optional(),
      STREAM_REPLICAS: integer(1, 5).default(1),
      STREAM_MAX_BYTES: integer(1_000_000, 999_999_999_999_999).default(10_000_000_000),
    });
    const env = parseEnv(settings, process.env);
    const link = await openLink({ url: env.NATS_URL, credsFile: env.NATS_CREDS_FILE, name: "admin" });
    const connection = await link.connected(connectTimeoutMs);
    await applyTopology(connection.nats, { replicas: env.STREAM_REPLICAS, maxBytes: env.STREAM_MAX_BYTES });
    await link.close();
    say("the stream and its consumer are in place");
  });

program.addCommand(payloadsCommand(process.env, say));
program.addCommand(verifyCommand(process.env, say));
program.addCommand(rebuildCommand(process.env, say));
program.addCommand(drillCommand(process.env, say));
program.addCommand(reconcileCommand(process.env, say));

const connectTimeoutMs = 10_000;

try {
  await program.parseAsync();
} catch (error) {
  const reason = error instanceof ConfigError ? error.message : `takings: ${describe(error)}`;
  process.stderr.write(`${reason}\n`);
  // Exits even where a client still keeps trying in the background.
  process.exit(1);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
