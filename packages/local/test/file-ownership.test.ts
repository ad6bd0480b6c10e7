import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

describe("a file in the data directory that belongs to somebody else", () => {
  it("ends an ordinary user's start at once, in a sentence that names it and how to get it back", () => {
    if (!isRoot) {
      process.stdout.write("NOT TESTED: files of root, which only root can make.\n");
      return;
    }
    const dir = mkdtempSync(join(tmpdir(), "takings-foreign-"));
    mkdirSync(join(dir, "nats/store/msgs"), { recursive: true });
    const block = join(dir, "nats/store/msgs/1.blk");
    writeFileSync(block, "");
    for (const path of [".", "nats", "nats/store", "nats/store/msgs"])
      chownSync(join(dir, path), nobody, nobody);
    chmodSync(dir, 0o755);
    const said = refusalForNobody(dir);
    rmSync(dir, { recursive: true });
    expect(said).to.equal(
      `${block} belongs to root, as after a run with sudo, and this user cannot work with it: give everything back with "sudo chown -R ${nobody}:${nobody} ${dir}", or set TAKINGS_DIR to another folder.`,
    );
  });
});

// The sources are read by root, who becomes an ordinary user then: a checkout may lie where others cannot go.
function refusalForNobody(dir: string): string {
  const module = fileURLToPath(new URL("../src/directory/file-ownership.ts", import.meta.url));
  const script = `
    import { requireFileOwnership } from ${JSON.stringify(module)};
    process.setgid(${nobody});
    process.setuid(${nobody});
    try {
      requireFileOwnership(${JSON.stringify(dir)});
    } catch (error) {
      process.stdout.write(error.message);
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return stdout + stderr;
}
