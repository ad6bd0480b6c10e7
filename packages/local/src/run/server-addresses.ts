import type { NatsUser } from "@takings/nats/permissions";
import type { DatabaseUser } from "../postgres/urls.ts";

/** Where the servers of a stack are, for each of their users. */
export interface ServerAddresses {
  readonly natsUrls: Readonly<Record<NatsUser, string>>;
  readonly natsMonitorUrl: string;
  readonly databaseUrls: Readonly<Record<DatabaseUser, string>>;
}
