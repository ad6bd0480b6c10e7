import { expect } from "chai";
import { describe, it } from "mocha";
import { explore, inWords } from "./explore.ts";
import { type Observer, recordedTime } from "./recorded-time/model.ts";
import { formerRules, type Rules, rules } from "./recorded-time/rules.ts";
import type { Budget } from "./recorded-time/state.ts";

const told = "what a reader was told stays as it was";
const rolledUp = "the rollup equals the ledger";

describe("The model of recorded time", function () {
  this.timeout(300_000);

  describe("with the former rules", () => {
    findsNothing("while the clock only goes forward", "reader", { rules: formerRules });
    findsNothing("while the clock only goes forward", "rollup", { rules: formerRules });
    finds("D4: a told answer that changes when the clock steps back", "reader", {
      rules: formerRules,
      faults: { stepsBack: 1 },
      violated: told,
    });
    finds("D4: a told answer that changes when a standby takes over whose clock is behind", "reader", {
      rules: formerRules,
      faults: { failovers: 1 },
      violated: told,
    });
    finds("D4: a rollup that differs from the ledger when the clock steps back", "rollup", {
      rules: formerRules,
      faults: { stepsBack: 1 },
      violated: rolledUp,
    });
    finds("D3: a rebuild under a lock of something else", "rollup", {
      rules: formerRules,
      faults: { foreignLocks: 1, rebuilds: 1 },
      violated: rolledUp,
    });
    finds("D3: a rebuild with the clock behind, before anything is recorded", "rollup", {
      rules: { ...formerRules, recordedAt: "after everything committed" },
      faults: { stepsBack: 1, rebuilds: 1 },
      violated: rolledUp,
    });
  });

  describe("with the rules of the code", () => {
    findsNothing("whatever the clock does and whoever takes over", "reader", {
      faults: { stepsBack: 1, failovers: 1 },
    });
    findsNothing("whatever the clock does and whoever takes over", "rollup", {
      faults: { stepsBack: 1, failovers: 1, rebuilds: 1, clockEnd: 2 },
    });
    findsNothing(
      "when a restart shows a commit that waited for the standby, which takes over next",
      "reader",
      {
        faults: { restarts: 1, failovers: 1 },
      },
    );
    findsNothing(
      "when a restart shows a commit that waited for the standby, which takes over next",
      "rollup",
      {
        faults: { restarts: 1, failovers: 1, clockEnd: 2 },
      },
    );
    findsNothing("with three recordings at a time", "reader", {
      faults: { stepsBack: 1, clockEnd: 2 },
      recordings: 3,
    });
  });

  describe("finds a violation for each broken rule", () => {
    finds("a recording that does not look again once its lock can be seen", "reader", {
      rules: { ...rules, floorIsReadAgain: false },
      violated: told,
    });
    finds("a reader that looks at the locks first", "reader", {
      rules: { ...rules, locksAreRead: "before" },
      violated: told,
    });
    finds("a reader that is told what a restarted server shows and the standby lacks", "reader", {
      rules: { ...rules, toldAfterRestart: "at once" },
      faults: { restarts: 1, failovers: 1 },
      violated: told,
    });
    finds("a rebuild that takes the rollup back while a recording shows an old key", "rollup", {
      rules: { ...rules, rebuildGoesBack: true },
      faults: { rebuilds: 1 },
      violated: rolledUp,
    });
    finds("a reader that is told the clock", "reader", {
      rules: { ...rules, safeTimeFrom: "clock" },
      faults: { failovers: 1 },
      violated: told,
    });
  });
});

type Case = { readonly rules?: Rules; readonly faults?: Partial<Budget>; readonly recordings?: number };

function finds(
  what: string,
  observer: Observer,
  { rules: chosen = rules, faults = {}, recordings, violated }: Case & { readonly violated: string },
): void {
  it(`finds ${what}`, () => {
    const found = explore(recordedTime(chosen, observer, faults, recordings));
    expect(found.violation?.invariant, inWords(found)).to.equal(violated);
  });
}

/** All invariants hold in all states; the title says how many states there are. */
function findsNothing(
  what: string,
  observer: Observer,
  { rules: chosen = rules, faults = {}, recordings }: Case,
): void {
  it(`finds nothing for the ${observer} ${what}`, function () {
    const found = explore(recordedTime(chosen, observer, faults, recordings));
    expect(found.violation, inWords(found)).to.equal(undefined);
    if (this.test !== undefined) this.test.title += `: ${inWords(found)}`;
  });
}
