import { natsSettings as fields } from "@takings/runtime";
import { z } from "zod";

/** The settings of commands that connect to NATS. */
export const natsSettings = z.object(fields);

/** How the help of these commands describes the settings. @param login the user that the command needs. */
export function natsHelp(login: string): Readonly<Record<string, string>> {
  return {
    NATS_URL: `NATS, ${login}`,
    NATS_CREDS_FILE: "NATS credentials file, if the URL does not contain the login",
    NATS_CA_FILE: "certificates of the authority of NATS, if its certificate is not of a public one",
  };
}
