import { writeFileSync } from "node:fs";
import { type MochaOptions, type Runner, reporters } from "mocha";
import type { Summary } from "./summary.ts";

/** Mocha's spec reporter, which also leaves the counts in the file named by TEST_SUMMARY_FILE. */
export class SummaryReporter extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      const summary: Summary = { passed: passes, failed: failures + pending };
      writeFileSync(process.env["TEST_SUMMARY_FILE"] ?? "", JSON.stringify(summary));
    });
  }
}

// Mocha loads a reporter with require(), and takes what that gives for the class itself.
export { SummaryReporter as "module.exports" };
