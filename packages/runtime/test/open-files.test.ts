import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { connectionsWithinOpenFiles } from "../src/open-files.ts";
import type { Logger } from "../src/logger.ts";

/** The number of connections, and what was logged. */
function limited(wanted: number, limit: number): { connections: number; warned: object[] } {
  const warned: object[] = [];
  const log = { warn: (fields: object) => void warned.push(fields) } as unknown as Logger;
  return { connections: connectionsWithinOpenFiles(wanted, log, limit), warned };
}

describe("the number of connections that the limit of open files allows", () => {
  it("is the wanted one where the limit has room for it", () => {
    expect(limited(4_000, 4_100)).to.deep.equal({ connections: 4_000, warned: [] });
    expect(limited(4_000, Infinity)).to.deep.equal({ connections: 4_000, warned: [] });
  });

  it("leaves files for everything else, and half of them where there are few", () => {
    expect(limited(4_000, 1_024).connections).to.equal(924);
    expect(limited(4_000, 128).connections).to.equal(64);
  });

  it("is logged with the limit that is needed where it is lower than wanted", () => {
    const { warned } = limited(4_000, 1_024);
    expect(warned).to.deep.equal([{ open_files: 1_024, needed: 4_100, connections: 924 }]);
  });

  if (process.platform === "linux") {
    it("follows from the limit of this process", async () => {
      const program = join(import.meta.dirname, "test-programs/open-files.ts");
      const limitedShell = 'ulimit -n 128 && exec "$0" "$@"';
      const { stdout } = await promisify(execFile)("sh", ["-c", limitedShell, process.execPath, program]);
      expect(stdout).to.equal("64\n");
    });
  }
});
