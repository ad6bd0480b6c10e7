import { mkdtempSync, chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testVariable } from "./test-variable.ts";

/** The paths of libfaketime in distributions; `TEST_LIBFAKETIME` gives another one. */
const places = [
  process.env["TEST_LIBFAKETIME"] ?? "",
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib64/faketime/libfaketime.so.1",
];

const found = (): string | undefined => places.find((place) => place !== "" && existsSync(place));

/** Whether a test can run a server with a shifted clock, which needs libfaketime. If not, prints what is not tested. */
export function canShiftClock(what: string): boolean {
  if (found() !== undefined) return true;
  process.stdout.write(`NOT TESTED: ${what}. This needs libfaketime (Debian: faketime).\n`);
  return false;
}

/** The clock of programs started with `env`. */
export type ShiftedClock = {
  readonly env: Readonly<Record<string, string>>;
  /** Sets it ahead of the real clock, or behind it if negative. */
  shift(seconds: number): void;
};

export function shiftedClock(): ShiftedClock {
  const dir = mkdtempSync(join(testVariable("TEST_DIR"), "clock-"));
  chmodSync(dir, 0o755);
  const file = join(dir, "shift");
  const shift = (seconds: number): void => {
    writeFileSync(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}`, { mode: 0o644 });
  };
  shift(0);
  const env = {
    LD_PRELOAD: found() ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  return { env, shift };
}
