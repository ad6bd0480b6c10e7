import { expect } from "chai";
import { describe, it } from "mocha";
import { explore, inWords } from "./explore.ts";
import { transport } from "./transport/model.ts";
import { formerRules, type Rules, rules } from "./transport/rules.ts";
import type { Budget, Event } from "./transport/state.ts";

const safe = "a 2xx is on a disk or in the database";
const once = "nothing counts twice";
const committedFirst = "nothing is acknowledged or passed over that is not committed";
const purged = "nothing is purged that is not committed";
const purgeable = "what is settled can be purged";

const broken = { brokenBatches: 1, powerCuts: 1 };
const hanging = { hangingSyncs: 1, powerCuts: 1 };
const lost = { streamLost: 1 };
const restored = { streamRestored: 1 };
const oldDatabase = { databaseRestored: 1 };

describe("The model of the transport", function () {
  this.timeout(300_000);

  describe("finds with the former rules", () => {
    finds("T2: a duplicate that a broken batch left on no disk", {
      rules: formerRules,
      faults: broken,
      violated: safe,
    });
    finds("T3: a duplicate whose sync hung when the broker was killed", {
      rules: formerRules,
      faults: hanging,
      violated: safe,
    });
    finds("T4: an acknowledgement for a stream that was made anew", {
      rules: formerRules,
      faults: lost,
      violated: committedFirst,
    });
    finds("T4: a purge in a stream that was restored, which both its guards let through", {
      rules: formerRules,
      faults: restored,
      violated: purged,
    });
    finds("T5: a replay that passes over what was never committed", {
      rules: formerRules,
      faults: { replays: 1 },
      violated: committedFirst,
    });
  });

  describe("finds nothing with the rules of the code", () => {
    findsNothing("when a batch breaks, a sync hangs and the power is cut", {
      faults: { ...broken, ...hanging },
    });
    findsNothing("when a batch breaks, the power is cut and one more is written", {
      faults: { ...broken, writes: 3, hands: 1 },
    });
    findsNothing("when the stream is lost and made anew", { faults: lost });
    findsNothing("when the stream is restored from a snapshot", { faults: restored });
    findsNothing("when the database is restored from a backup", { faults: oldDatabase, events: ["A"] });
    findsNothing("when the purge also removes what has a known id, and the database is restored", {
      rules: { ...rules, keeps: "anything" },
      faults: { ...oldDatabase, writes: 3 },
      events: ["A"],
    });
    findsNothing("when replays begin anywhere and are interrupted", { faults: { replays: 2, hands: 1 } });
  });

  describe("finds a violation for each broken rule", () => {
    finds("a backup taken during a backlog and restored: a replay since then passes over the backlog", {
      rules: { ...rules, replayAfterBackup: "since the backup" },
      faults: oldDatabase,
      events: ["A"],
      violated: committedFirst,
    });
    finds("an interrupted replay: the next one must begin at the first event", {
      rules: { ...rules, replayWithoutDurable: "asked" },
      faults: { replays: 2 },
      violated: committedFirst,
    });
    finds("a replay from later on: the purge must know what earlier durables committed", {
      rules: { ...rules, beforeTheStart: "this durable" },
      faults: { replays: 1 },
      violated: purgeable,
    });
    finds("a purge of what has a known id: Stripe's repetition must not be a duplicate of nothing", {
      rules: { ...rules, keeps: "anything", duplicates: "believed if confirmed here" },
      faults: oldDatabase,
      events: ["A"],
      violated: safe,
    });
    finds("a durable ahead of its stream, as nats-server leaves it with several replicas", {
      rules: { ...rules, durableAheadOfStream: "stays" },
      faults: broken,
      violated: committedFirst,
    });
    finds("events counted as often as they are delivered", {
      rules: { ...rules, counts: "by delivery" },
      faults: {},
      violated: once,
    });
    finds("a purge by acknowledgements alone", {
      rules: { ...rules, purgeBelow: "floor", purgeDuringRestore: "runs" },
      faults: oldDatabase,
      events: ["A"],
      violated: purged,
    });
  });

  describe("with time between checking the stream and acknowledging", () => {
    const twoSteps: Rules = { ...rules, checkAndAck: "two steps" };

    finds("an acknowledgement that arrives in a stream made anew meanwhile", {
      rules: twoSteps,
      faults: lost,
      violated: committedFirst,
    });
    findsNothing("that such an event is lost or purged: it stays until a replay", {
      rules: twoSteps,
      faults: lost,
      except: [committedFirst, purgeable],
    });
    finds("that one in a restored stream is purged, unless the purge job is stopped until the replay", {
      rules: { ...twoSteps, purgeDuringRestore: "runs" },
      faults: restored,
      violated: purged,
    });
    findsNothing("when a sync hangs and the power is cut: an acknowledgement dies with its connection", {
      rules: twoSteps,
      faults: hanging,
    });
  });
});

type Case = { readonly rules?: Rules; readonly faults: Partial<Budget>; readonly events?: readonly Event[] };

/** The invariant has a counterexample. Other invariants are not checked, because one rule may break several. */
function finds(
  what: string,
  { rules: chosen = rules, faults, events, violated }: Case & { readonly violated: string },
): void {
  it(what, () => {
    const model = transport(chosen, faults, events);
    const invariants = Object.fromEntries(
      Object.entries(model.invariants).filter(([name]) => name === violated),
    );
    const found = explore({ ...model, invariants });
    expect(found.violation?.invariant, inWords(found)).to.equal(violated);
  });
}

/** All invariants hold in all states; the title says how many states there are. */
function findsNothing(
  what: string,
  { rules: chosen = rules, faults, events, except = [] }: Case & { readonly except?: readonly string[] },
): void {
  it(what, function () {
    const model = transport(chosen, faults, events);
    const invariants = Object.fromEntries(
      Object.entries(model.invariants).filter(([name]) => !except.includes(name)),
    );
    const found = explore({ ...model, invariants });
    expect(found.violation, inWords(found)).to.equal(undefined);
    if (this.test !== undefined) this.test.title += `: ${inWords(found)}`;
  });
}
