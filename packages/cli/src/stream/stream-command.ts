import { applyTopology, type ReplayResult, type ReplayStart, replayStream } from "@takings/nats";
import { type Environment, integer, natsServer, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { withNats } from "../connections/nats.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { instantOption } from "../options/instant.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { natsHelp, natsSettings } from "../settings/nats.ts";

/** The settings of `takings stream`. */
export const streamSettings = natsSettings.extend({
  STREAM_REPLICAS: integer(1, 5).optional(),
  STREAM_MAX_BYTES: integer(1_000_000, 999_999_999_999_999).optional(),
});
const maxSequence = 999_999_999_999_999;
const adminHelp = natsHelp("as the user admin");

type ApplyOptions = { readonly force?: boolean };
type ReplayOptions = { readonly since?: Date; readonly fromSequence?: number };

/** `takings stream`: creates or updates the stream and its durable consumer, and replays the stream. */
export function streamCommand(environment: Environment, print: Print): Command {
  const command = new Command("stream")
    .description("create or update the stream and its durable consumer")
    .option("--force", "also make changes that reduce the replicas or the capacity of the stream")
    .addHelpText(
      "after",
      environmentHelp({
        ...adminHelp,
        STREAM_REPLICAS: "copies of the stream, 1 to 5 (unchanged if not set)",
        STREAM_MAX_BYTES: "capacity of the stream in bytes (unchanged if not set)",
      }),
    )
    .action(async ({ force }: ApplyOptions) => {
      const env = parseEnv(streamSettings, environment);
      const wanted = { replicas: env.STREAM_REPLICAS, maxBytes: env.STREAM_MAX_BYTES, force };
      const { changes, faults } = await withNats(natsServer(env), "admin", (nats) =>
        applyTopology(nats, wanted),
      );
      for (const change of changes) print(change);
      if (faults.length > 0) throw new Error(faults.join("; "));
      print(`the stream and its consumer are in place${changes.length === 0 ? "; nothing was changed" : ""}`);
    });
  command
    .command("replay")
    .description(
      "deliver the events on the stream again, all of them or from a given start; none is counted twice",
    )
    .option(
      "--since <instant>",
      "start at the first event stored at or after this RFC 3339 instant",
      instantOption,
    )
    .option("--from-sequence <number>", "start at this stream sequence", wholeNumberOption(1, maxSequence))
    .addHelpText("after", environmentHelp(adminHelp))
    .action(async (options: ReplayOptions) => {
      const env = parseEnv(natsSettings, environment);
      const replayed = await withNats(natsServer(env), "admin", (nats) =>
        replayStream(nats, startOf(options)),
      );
      print(formatReplay(replayed));
    });
  return command;
}

function formatReplay({ events, from, requested }: ReplayResult): string {
  const reason =
    from < requested
      ? ` (not ${requested}: events before it are not known to be committed and would be skipped)`
      : "";
  return `${events} events will be delivered again, from sequence ${from} on${reason}; events that are already committed change nothing`;
}

function startOf({ since, fromSequence }: ReplayOptions): ReplayStart {
  if (since !== undefined && fromSequence !== undefined) {
    throw new Error("give either --since or --from-sequence, not both");
  }
  return since === undefined ? { sequence: fromSequence ?? 1 } : { since };
}
