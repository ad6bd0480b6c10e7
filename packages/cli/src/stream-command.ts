import { applyTopology, type ReplayStart, replayStream } from "@takings/nats";
import { type Environment, integer, parseEnv } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { natsSettings, withNats } from "./nats-access.ts";

const streamSettings = natsSettings.extend({
  STREAM_REPLICAS: integer(1, 5).default(1),
  STREAM_MAX_BYTES: integer(1_000_000, 999_999_999_999_999).default(10_000_000_000),
});

type ReplayOptions = { readonly since?: Date; readonly fromSequence?: number };

/** `takings stream`: makes the stream and its durable, and rewinds it. */
export function streamCommand(environment: Environment, say: (line: string) => void): Command {
  const command = new Command("stream")
    .description("create or update the stream and its durable consumer (NATS_URL, an account that may)")
    .action(async () => {
      const env = parseEnv(streamSettings, environment);
      const topology = { replicas: env.STREAM_REPLICAS, maxBytes: env.STREAM_MAX_BYTES };
      await withNats(env, "admin", (nats) => applyTopology(nats, topology));
      say("the stream and its consumer are in place");
    });
  command
    .command("replay")
    .description(
      "deliver once more what the stream still holds, all of it or from a point on; nothing is counted twice",
    )
    .option("--since <instant>", "from the first event stored at or after this RFC 3339 instant", instant)
    .option("--from-sequence <number>", "from this sequence of the stream", sequence)
    .action(async (options: ReplayOptions) => {
      const env = parseEnv(natsSettings, environment);
      const count = await withNats(env, "admin", (nats) => replayStream(nats, startOf(options)));
      say(`${count} events will be delivered again; those that the database has already change nothing`);
    });
  return command;
}

function startOf({ since, fromSequence }: ReplayOptions): ReplayStart {
  if (since !== undefined && fromSequence !== undefined) {
    throw new Error("give either --since or --from-sequence");
  }
  return since === undefined ? { sequence: fromSequence ?? 1 } : { since };
}

function instant(text: string): Date {
  const { success, data } = z.iso.datetime({ offset: true }).safeParse(text);
  if (success) return new Date(data);
  throw new InvalidArgumentError("It must be an RFC 3339 instant, such as 2026-11-24T06:00:00Z.");
}

function sequence(text: string): number {
  const { success, data } = integer(1, 999_999_999_999_999).safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError("It must be a whole number from 1.");
}
