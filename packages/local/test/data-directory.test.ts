import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { claimDirectory, emptyDirectory } from "../src/directory/data-directory.ts";
import { loadSecrets } from "../src/directory/secrets.ts";

describe("the data directory", () => {
  let parent: string;
  let dir: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "takings-directory-"));
    dir = join(parent, "data");
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const mode = (): number => statSync(dir).mode & 0o777;
  const put = (path: string, text = ""): void => {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  /** What a run of a version without the marker left behind. */
  const makeEarlierRun = (): void => {
    mkdirSync(dir);
    loadSecrets(dir);
    put("postgres/data/PG_VERSION", "18");
    put("logs/nats.log");
  };

  it("is made where there is none, for its owner alone", () => {
    claimDirectory(dir);
    expect(mode() & 0o066).to.equal(0);
    claimDirectory(dir);
  });

  for (const name of ["logs", "postgres", "notes"]) {
    it(`is not taken where somebody's own ${name} is there, and nothing is changed`, () => {
      put(`${name}/kept`);
      chmodSync(dir, 0o755);
      expect(() => claimDirectory(dir)).to.throw(
        `${dir} is not empty, and no run of Takings made it: set TAKINGS_DIR to a folder that is empty or does not exist yet.`,
      );
      expect(readdirSync(dir)).to.deep.equal([name]);
      expect(mode()).to.equal(0o755);
    });
  }

  it("keeps the mode of a folder that was there, and is taken where that is empty", () => {
    mkdirSync(join(dir, "lost+found"), { recursive: true });
    chmodSync(dir, 0o755);
    claimDirectory(dir);
    expect(mode()).to.equal(0o755);
  });

  it("is known by its passwords and its database where an earlier version made it", () => {
    makeEarlierRun();
    claimDirectory(dir);
    emptyDirectory(dir);
    expect(existsSync(join(dir, "postgres"))).to.equal(false);
  });

  it("is not taken where an earlier version ran among files of somebody else", () => {
    makeEarlierRun();
    put("thesis.txt");
    expect(() => claimDirectory(dir)).to.throw("is not empty");
  });

  it("keeps what others put there when its data is removed", () => {
    claimDirectory(dir);
    const files = [
      "postgres/data/PG_VERSION",
      "logs/nats.log",
      "nats/nats.conf",
      "secrets.json",
      "notes.txt",
    ];
    for (const path of files) put(path);
    emptyDirectory(dir);
    expect(readdirSync(dir).toSorted()).to.deep.equal(["notes.txt", "takings-data"]);
  });

  it("is refused without its passwords where a database is there, and says what to do", () => {
    makeEarlierRun();
    for (const text of ["", "{}", undefined]) {
      rmSync(join(dir, "secrets.json"), { force: true });
      if (text !== undefined) put("secrets.json", text);
      expect(() => loadSecrets(dir)).to.throw(
        `${join(dir, "secrets.json")} is missing or holds no passwords, and without them the data beside it cannot be opened: restore the file from a copy, or run start with --fresh`,
      );
    }
  });
});
