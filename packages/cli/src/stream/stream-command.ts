import { applyTopology, type Replayed, type ReplayStart, replayStream } from "@takings/nats";
import { type Environment, integer, parseEnv } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { natsSettings, withNats } from "../access/nats.ts";

const streamSettings = natsSettings.extend({
  STREAM_REPLICAS: integer(1, 5).optional(),
  STREAM_MAX_BYTES: integer(1_000_000, 999_999_999_999_999).optional(),
});

type ApplyOptions = { readonly force?: boolean };
type ReplayOptions = { readonly since?: Date; readonly fromSequence?: number };

/** `takings stream`: makes the stream and its durable, and rewinds it. */
export function streamCommand(environment: Environment, say: (line: string) => void): Command {
  const command = new Command("stream")
    .description("create or update the stream and its durable consumer (NATS_URL, an account that may)")
    .option("--force", "make changes, too, after which the stream survives less or holds less")
    .action(async ({ force }: ApplyOptions) => {
      const env = parseEnv(streamSettings, environment);
      const wanted = { replicas: env.STREAM_REPLICAS, maxBytes: env.STREAM_MAX_BYTES, force };
      const { changes, faults } = await withNats(env, "admin", (nats) => applyTopology(nats, wanted));
      for (const change of changes) say(change);
      if (faults.length > 0) throw new Error(faults.join("; "));
      say(`the stream and its consumer are in place${changes.length === 0 ? "; nothing was changed" : ""}`);
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
      const replayed = await withNats(env, "admin", (nats) => replayStream(nats, startOf(options)));
      say(formatReplay(replayed));
    });
  return command;
}

function formatReplay({ events, from, asked }: Replayed): string {
  const lowered =
    from < asked
      ? ` and not ${asked}, because events from there on are not known to be committed and would be skipped`
      : "";
  return `${events} events will be delivered again, from sequence ${from} on${lowered}; those that the database has already change nothing`;
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
