import { url } from "@takings/runtime";
import { z } from "zod";

/** The settings of commands that connect to NATS. */
export const natsSettings = z.object({
  NATS_URL: url("nats", "tls"),
  NATS_CREDS_FILE: z.string().optional(),
});

/** How the help of these commands describes `NATS_CREDS_FILE`. */
export const credsHelp = "NATS credentials file, if the URL does not contain the login";
