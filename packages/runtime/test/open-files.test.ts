import { expect } from "chai";
import { describe, it } from "mocha";
import { connectionsWithinOpenFiles } from "../src/open-files.ts";
import type { Logger } from "../src/logger.ts";

describe("the number of connections that the limit of open files allows", () => {
  const warned: object[] = [];
  const log = { warn: (fields: object) => void warned.push(fields) } as unknown as Logger;

  it("is the wanted one where the limit has room for it", () => {
    expect(connectionsWithinOpenFiles(4_000, log, 4_100)).to.equal(4_000);
    expect(connectionsWithinOpenFiles(4_000, log, Infinity)).to.equal(4_000);
    expect(warned).to.deep.equal([]);
  });

  it("leaves files for everything else, and half of them where there are few", () => {
    expect(connectionsWithinOpenFiles(4_000, log, 1_024)).to.equal(924);
    expect(connectionsWithinOpenFiles(4_000, log, 128)).to.equal(64);
  });

  it("is logged with the limit that is needed where it is lower than wanted", () => {
    expect(warned[0]).to.deep.equal({ open_files: 1_024, needed: 4_100, connections: 924 });
  });

  it("follows from the limit of this process", () => {
    expect(connectionsWithinOpenFiles(10, log)).to.equal(10);
  });
});
