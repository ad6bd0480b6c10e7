import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");

const calls = /\blog\??(?:\.\w+|\[[^\]]+\])\(|\bfail\(/g;

/** The log messages in code: string arguments after the fields of a log call, and values of `failure`. */
function messagesIn(code: string): string[] {
  const given = [...code.matchAll(calls)].map(({ index, 0: call }) => insideOf(code, index + call.length));
  const texts = given.map((text) => text.slice(text.lastIndexOf("}") + 1));
  return [
    ...texts.flatMap((text) => [...text.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)]),
    ...code.matchAll(/failure: "([a-z_]+)"/g),
  ].map(([, message = ""]) => message);
}

/** The text from `start`, just after an opening bracket, to its closing bracket. */
function insideOf(code: string, start: number): string {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < code.length) {
    if (code[end] === "(") depth += 1;
    if (code[end] === ")") depth -= 1;
    end += 1;
  }
  return code.slice(start, end - 1);
}

describe("the table of log messages", () => {
  it("holds every message that a service writes, and none that it does not", () => {
    const files = globSync("{services/*/src,packages/runtime/src,packages/cli/src/endpoint}/**/*.ts", {
      cwd: projectRoot(),
      exclude: (path) => path.endsWith("node_modules"),
    });
    const written = new Set(files.flatMap((path) => messagesIn(read(path))));
    const lines = read("docs/log-messages.md").split("\n");
    const rows = lines.filter((line) => line.startsWith("| `") && !line.startsWith("| `msg`"));
    const listed = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, message = ""]) => message),
    );
    expect(listed.toSorted()).to.deep.equal([...written].toSorted());
  });
});
