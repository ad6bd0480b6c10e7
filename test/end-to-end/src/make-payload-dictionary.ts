import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createRandom, generateHistories } from "@takings/simulator";
import { readRecordedEvents } from "./recorded-events.ts";

// Makes a compression dictionary of what Stripe's events have in common. Run by hand, and seldom: a dictionary that
// rows were written with is never replaced, a new one gets the next number. Needs the command zstd 1.5.

const { values, positionals } = parseArgs({
  options: { id: { type: "string", default: "1" } },
  allowPositionals: true,
});
const [target] = positionals;
if (target === undefined)
  throw new Error("say where to write the dictionary: make-payload-dictionary.ts FILE");

const maxBytes = 65_536;
const random = createRandom(5);
/** What a shop receives all day long has more samples than what is rare. */
const daily =
  /^(payment_intent\.(succeeded|created)|charge\.|refund|checkout|invoice|customer\.(sub|upd)|payment_method)/;
const samplesOf = { daily: 18, rare: 6 };
const syntheticEvents = 1_500;

const dir = mkdtempSync(join(tmpdir(), "takings-dictionary-"));
try {
  const files = [...recordedSamples(), ...syntheticSamples()].map((body, index) => {
    const file = join(dir, String(index).padStart(5, "0"));
    writeFileSync(file, body);
    return file;
  });
  const list = join(dir, "list");
  writeFileSync(list, files.join("\n"));
  const size = ["--maxdict", String(maxBytes), "--dictID", values.id];
  execFileSync("zstd", ["-q", "-f", "--train", "--filelist", list, ...size, "-o", resolve(target)], {
    stdio: "inherit",
  });
  process.stdout.write(`${target} is made of ${files.length} samples\n`);
} finally {
  rmSync(dir, { recursive: true });
}

function recordedSamples(): string[] {
  return readRecordedEvents().flatMap(({ type, body }) =>
    Array.from({ length: daily.test(type) ? samplesOf.daily : samplesOf.rare }, () => withoutNames(body)),
  );
}

/** Written as Stripe writes them; the others of the traffic are odd on purpose. */
function syntheticSamples(): string[] {
  const { events } = generateHistories(3, syntheticEvents);
  return events.map(({ body }) => body).filter((body) => body.startsWith('{\n  "'));
}

/** Other ids and times in the same places, so that the shapes are learned and not the objects. */
function withoutNames(body: string): string {
  return body
    .replace(
      /"((?:[a-z]+_)+)([A-Za-z0-9]{8,})"/g,
      (_, prefix: string, id: string) => `"${prefix}${random.letters(id.length)}"`,
    )
    .replace(/\b1[4-9]\d{8}\b/g, () => String(random.int(1_400_000_000, 1_999_999_999)));
}
