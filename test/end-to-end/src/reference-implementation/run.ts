import { parseArgs } from "node:util";
import { createRandom } from "@takings/simulator";
import { differences } from "./compare.ts";
import { randomEvents, randomPlatform } from "./random-events.ts";
import { shrink } from "./shrink.ts";

// A long comparison of the product's ledger with the reference implementation, run by hand:
// node test/end-to-end/src/reference-implementation/run.ts --events 200000

const { values } = parseArgs({
  options: { events: { type: "string", default: "200000" }, seed: { type: "string", default: "1" } },
});

let [compared, cases, wrong] = [0, 0, 0];
for (let seed = Number(values.seed); compared < Number(values.events); seed += 1) {
  const events = randomEvents(createRandom(seed));
  compared += events.length;
  cases += 1;
  if (differences(events, randomPlatform).length === 0) continue;
  wrong += 1;
  const least = shrink(events, (some) => differences(some, randomPlatform).length > 0);
  const lines = [...least.map((event) => JSON.stringify(event)), ...differences(least, randomPlatform)];
  process.stdout.write(`seed ${seed}:\n${lines.join("\n")}\n`);
}
process.stdout.write(`${compared} events in ${cases} cases, ${wrong} read in two ways\n`);
process.exitCode = wrong === 0 ? 0 : 1;
