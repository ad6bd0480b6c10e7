export type Role = "writer" | "reader" | "pruner" | "purger" | "reconciler";

/** One statement for each kind of access to a table; none of them matches a row. */
export const ways = {
  select: (table: string) => `select * from ${table} where false`,
  insert: (table: string) => `insert into ${table} default values`,
  update: (table: string, column: string) => `update ${table} set ${column} = ${column} where false`,
  delete: (table: string) => `delete from ${table} where false`,
  truncate: (table: string) => `truncate ${table}`,
} as const;
export type Way = keyof typeof ways;

/** Which role has which access to a whole table. Everything else is refused. */
export const tables: Readonly<Record<string, Partial<Readonly<Record<Role, readonly Way[]>>>>> = {
  events: { writer: ["insert"], reader: ["select"] },
  ledger: { writer: ["select", "insert"], reader: ["select"] },
  ledger_superseded: { writer: ["insert"], reader: ["select"] },
  payment_objects: { writer: ["select", "insert"], reader: ["select"], reconciler: ["select"] },
  gaps: { writer: ["select", "insert"], reader: ["select"], reconciler: ["select"] },
  rollup_deltas: { writer: ["insert"], reader: ["select"] },
  rollup: { reader: ["select"] },
  rollup_watermark: { reader: ["select"] },
  balance_transactions: { writer: ["select", "insert"], reader: ["select"] },
  balance_transactions_superseded: { writer: ["insert"], reader: ["select"] },
  payouts: { writer: ["select", "insert"], reader: ["select"] },
  payouts_superseded: { writer: ["insert"], reader: ["select"] },
  balance_deltas: { writer: ["insert"], reader: ["select"] },
  balance_rollup: { reader: ["select"] },
  payout_totals: { reader: ["select"] },
  balance_watermark: { reader: ["select"] },
  balance_syncs: { reconciler: ["select", "insert"] },
  recordings: {},
  events_superseded: { reader: ["select"] },
  committed_sequences: { writer: ["insert"], purger: ["select"] },
  isolation_attempts: { writer: ["select", "insert"] },
  quarantine_decisions: { reader: ["select"] },
  migrations: { writer: ["select"], reader: ["select"] },
  migration_lock: {},
  reconciliations: { reconciler: ["select", "insert"] },
  installation: { writer: ["select"], reader: ["select"], reconciler: ["select"] },
};
