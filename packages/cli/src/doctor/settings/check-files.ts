import { readFile, stat } from "node:fs/promises";
import type { Environment } from "@takings/runtime";
import { type Check, type Finding, notAsked, ok, todo } from "../check.ts";
import { isSet } from "../connections.ts";
import { reasonOf } from "../run-checks.ts";
import { secretFileVariables, sourcesOf } from "./secret-variables.ts";

/** What everybody on the machine may do with a file. */
const others = 0o007;

/** Whether the files with secrets can be read here, and not by everybody. */
export function filesCheck(environment: Environment): Check {
  return {
    name: "settings/files",
    async run(): Promise<Finding> {
      const given = filesOf(environment);
      if (given.length === 0) return notAsked("no file with secrets is set here");
      const unreadable: string[] = [];
      const open: string[] = [];
      for (const { name, file } of given) {
        try {
          await readFile(file);
          if (((await stat(file)).mode & others) !== 0) open.push(`${name} ${file}`);
        } catch (error) {
          unreadable.push(`${name}: ${reasonOf(error)}`);
        }
      }
      if (unreadable.length > 0)
        return todo(
          `cannot be read: ${unreadable.join("; ")}`,
          "make the files readable for the login that runs Takings, or correct the variables",
        );
      if (open.length > 0) return todo(`open to everybody: ${open.join(", ")}`, "chmod o= the files");
      return ok(`${given.map(({ name }) => name).join(", ")}: readable, and not by everybody`);
    },
  };
}

/** The files with secrets, and what names each. */
function filesOf(environment: Environment): readonly { readonly name: string; readonly file: string }[] {
  return [
    ...secretFileVariables
      .filter((name) => isSet(environment, name))
      .map((name) => ({ name, file: environment[name] ?? "" })),
    ...[...(sourcesOf(environment) ?? [])].flatMap(([source, { apiKeyFile }]) =>
      apiKeyFile === undefined ? [] : [{ name: `api_key_file of source ${source}`, file: apiKeyFile }],
    ),
  ];
}
