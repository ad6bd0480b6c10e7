import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = ""]) => name);
const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted();

/** The text below a heading, up to the next one of its level. */
function section(text: string, heading: string): string {
  const [, body] = new RegExp(`^## ${heading}\n(.*?)(?=^## |$(?![^]))`, "ms").exec(text) ?? [];
  if (body === undefined) throw new Error(`there is no section "${heading}"`);
  return body;
}

describe("the diagram of the database", () => {
  it("shows every table", () => {
    const migrations = globSync("packages/postgres/migrations/*.sql", { cwd: root }).map(read).join("\n");
    const shown = namesIn(section(read("docs/architecture.md"), "Database"), /^ {4}(\w+) \{$/gm);
    const tables = namesIn(migrations, /create table takings\.(\w+)/g);
    expect(sorted(shown)).to.deep.equal(sorted(tables));
  });
});

describe("the tables of settings", () => {
  const document = read("docs/configuration.md");
  const listedUnder = (heading: string): readonly string[] =>
    section(document, heading)
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((row) => namesIn(row.split("|")[1] ?? "", /`([A-Z][A-Z_]+)`/g));
  const shared = read("packages/runtime/src/server-settings.ts");
  /** The variables of a schema, with those of the fields that it shares with other schemas. */
  const variablesIn = (text: string): string[] => [
    ...namesIn(text, /^ +([A-Z][A-Z_]+):/gm),
    ...namesIn(text, /\.\.\.(\w+Settings),/g).flatMap((fields) => {
      const [, type] = new RegExp(`const ${fields}: \\{\n(.*?)\n\\}`, "s").exec(shared) ?? [];
      if (type === undefined) throw new Error(`server-settings.ts has no ${fields}`);
      return namesIn(type, /readonly ([A-Z][A-Z_]+):/g);
    }),
  ];
  for (const [service, heading] of Object.entries({
    ingress: "Ingress",
    consumer: "Consumer",
    "revenue-query": "revenue-query",
  })) {
    it(`have every variable of ${service}, and no others`, () => {
      const settings = variablesIn(read(`services/${service}/src/settings.ts`));
      const listed = [...listedUnder("All services"), ...listedUnder(heading)];
      expect(sorted(listed)).to.deep.equal(sorted(settings));
    });
  }
});

describe("the alerts that documents name", () => {
  const alerts = namesIn(read("charts/takings/files/rules.yaml"), /alert: (\w+)/g);

  it("are those of the rules, all of them", () => {
    const documents = globSync("{README.md,docs/**/*.md}", { cwd: root });
    const named = documents.flatMap((path) => {
      const [present = ""] = read(path).split("## Former names");
      return namesIn(present, /\b(Takings[A-Z]\w+)\b/g);
    });
    expect(sorted(named)).to.deep.equal(sorted(alerts));
  });
});

describe("the glossary", () => {
  it("names symbols that the code has", () => {
    const files = globSync("{packages,services,test}/**/*.{ts,sql}", {
      cwd: root,
      exclude: (path) => path.includes("node_modules"),
    });
    const words = new Set(files.flatMap((path) => read(path).match(/\w+/g) ?? []));
    const [present = ""] = read("docs/glossary.md").split("## Former names");
    const rows = present.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
    const symbols = rows.flatMap((row) => namesIn(row.split("|")[3] ?? "", /`(?:takings\.)?(\w+)`/g));
    expect(symbols).to.not.be.empty;
    expect(symbols.filter((symbol) => !words.has(symbol))).to.deep.equal([]);
  });
});
