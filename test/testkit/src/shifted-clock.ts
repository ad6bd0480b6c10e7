import { mkdtempSync, chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
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

/**
 * A clock that is right until it is shifted.
 * @param file holds the offset; every user must be able to read it. A file of the test's own unless given.
 * @throws Error without libfaketime.
 */
export function shiftedClock(file = ownFile()): ShiftedClock {
  const library = found();
  if (library === undefined)
    throw new Error("a clock cannot be shifted without libfaketime (Debian: faketime)");
  const shift = (seconds: number): void => {
    // Replaced at once: a program may read it at any moment.
    writeFileSync(`${file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}`, { mode: 0o644 });
    renameSync(`${file}.new`, file);
  };
  shift(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  return { env, shift };
}

function ownFile(): string {
  const dir = mkdtempSync(join(testVariable("TEST_DIR"), "clock-"));
  chmodSync(dir, 0o755);
  return join(dir, "shift");
}
