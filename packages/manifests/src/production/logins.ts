// The users of k8s/production whose passwords are in Secrets. Tests compare them with roles.sql, with the resources that
// create the users, and with the values of charts/takings.

/** The logins of the database, without the prefix `takings_`. The chart uses all but `grafana`. */
export const databaseLogins = [
  "migrator",
  "consumer",
  "query",
  "prune",
  "purge",
  "reconcile",
  "grafana",
] as const;

/** The name of the CloudNativePG cluster, from which the operator makes the names of its Services and Secrets. */
export const databaseCluster = "takings-db";

/** The users of NATS whose passwords the pods of Takings need. */
export const natsUsers = ["admin", "ingress", "consumer", "purger", "reconcile"] as const;
