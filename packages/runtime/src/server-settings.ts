import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { url } from "./config.ts";

/** The settings of everything that connects to PostgreSQL: the fields of a schema. */
export const databaseSettings: {
  readonly DATABASE_URL: z.ZodType<string, string>;
  readonly DATABASE_CA_FILE: z.ZodOptional<z.ZodType<string, string>>;
} = { DATABASE_URL: url("postgres", "postgresql"), DATABASE_CA_FILE: caFile().optional() };

/** The settings of everything that connects to NATS: the fields of a schema. */
export const natsSettings: {
  readonly NATS_URL: z.ZodType<string, string>;
  readonly NATS_CREDS_FILE: z.ZodOptional<z.ZodString>;
  readonly NATS_CA_FILE: z.ZodOptional<z.ZodType<string, string>>;
} = {
  NATS_URL: natsUrls(),
  NATS_CREDS_FILE: z.string().optional(),
  NATS_CA_FILE: caFile().optional(),
};

/** How to connect to NATS. */
export type NatsServer = {
  readonly url: string;
  readonly credsFile: string | undefined;
  /** If set, the connection is encrypted and the server's certificate is verified against it. */
  readonly caFile: string | undefined;
};

/**
 * The URL of the database, in which `DATABASE_CA_FILE` requires TLS with a certificate of that authority for that host,
 * whatever `sslmode` says. It is part of the URL, because the driver lets the URL override all other options, and reads
 * the file again for each connection, so that a renewed authority needs no restart:
 * https://github.com/brianc/node-postgres/blob/master/packages/pg-connection-string/README.md
 */
export function databaseUrl(env: {
  readonly DATABASE_URL: string;
  readonly DATABASE_CA_FILE?: string | undefined;
}): string {
  if (env.DATABASE_CA_FILE === undefined) return env.DATABASE_URL;
  // Where one `%` begins no escape, the driver escapes all of them, and would look for a file named "%2Fetc%2F…".
  const secured = new URL(env.DATABASE_URL.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
  secured.searchParams.set("sslmode", "verify-full");
  secured.searchParams.set("sslrootcert", env.DATABASE_CA_FILE);
  return secured.href;
}

/** How the settings say to connect to NATS. */
export function natsServer(env: {
  readonly NATS_URL: string;
  readonly NATS_CREDS_FILE?: string | undefined;
  readonly NATS_CA_FILE?: string | undefined;
}): NatsServer {
  return { url: env.NATS_URL, credsFile: env.NATS_CREDS_FILE, caFile: env.NATS_CA_FILE };
}

/** One URL, or those of several servers of a cluster separated by commas. */
function natsUrls(): z.ZodType<string, string> {
  const one = url("nats", "tls");
  return z
    .string("is required")
    .refine(
      (text) => text.split(",").every((part) => one.safeParse(part.trim()).success),
      "must be a URL starting with nats:// or tls://, or several separated by commas",
    );
}

/**
 * The path of a PEM file with certificates of authorities. It is read when the settings are, because an unreadable one
 * would otherwise only show as a connection that fails, and an empty one as trust in the public authorities.
 */
function caFile(): z.ZodType<string, string> {
  return z.string().superRefine((path, context) => {
    const problem = problemOf(path);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

function problemOf(path: string): string | undefined {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    // It also accepts DER, which the drivers do not.
    if (!content.includes("-----BEGIN CERTIFICATE-----")) return `${path} contains no PEM certificate`;
    void new X509Certificate(content);
    return undefined;
  } catch (error) {
    return `${path} contains no valid certificate: ${error instanceof Error ? error.message : String(error)}`;
  }
}
