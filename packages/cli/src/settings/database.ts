import { databaseSettings as fields } from "@takings/runtime";
import { z } from "zod";

/** The settings of commands that connect to PostgreSQL. */
export const databaseSettings = z.object(fields);

/** How the help of these commands describes the settings. @param login the login that the command needs. */
export function databaseHelp(login: string): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: `PostgreSQL, ${login}`,
    DATABASE_CA_FILE:
      "certificates of the authority of PostgreSQL, if its certificate is not of a public one",
  };
}
