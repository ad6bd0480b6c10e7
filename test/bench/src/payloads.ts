import { parseArgs } from "node:util";
import { measurePayloadSize, type PayloadSizes } from "./payload-size.ts";
import { startTemporaryPostgres } from "./temporary-postgres.ts";

// Prints how much room events take beside a plain jsonb table of the same events.

const { values } = parseArgs({
  options: { events: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});
await using postgres = await startTemporaryPostgres();
const sizes = await measurePayloadSize({
  ...postgres,
  events: Number(values.events),
  seed: Number(values.seed),
});
process.stdout.write(`${table(sizes).join("\n")}\n`);

function table({ events, body, store, plain, encodeUs, decodeUs }: PayloadSizes): string[] {
  const row = (name: string, ours: number, theirs: number): string =>
    [
      name.padEnd(28),
      ours.toFixed(0).padStart(8),
      theirs.toFixed(0).padStart(8),
      (ours / theirs).toFixed(3).padStart(8),
    ].join("");
  return [
    `${events} events, ${body.toFixed(0)} bytes each as received; bytes per event:`,
    `${"".padEnd(28)}${"store".padStart(8)}${"plain".padStart(8)}${"ratio".padStart(8)}`,
    row("payload alone", store.payload, plain.payload),
    row("rows without indexes", store.total - store.indexes, plain.total - plain.indexes),
    row("rows and indexes", store.total, plain.total),
    `processor time per event: ${encodeUs.toFixed(0)} µs to compress, ${decodeUs.toFixed(0)} µs to decompress`,
  ];
}
