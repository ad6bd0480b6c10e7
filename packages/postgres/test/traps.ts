/** Types that functions may name without a schema. */
const types = [
  "timestamptz",
  "text",
  "jsonb",
  "bytea",
  "int8multirange",
  "int8",
  "int4",
  "bool",
  "numeric",
  "name",
];
/** System relations, whose columns a view has to have. */
const systemRelations = [
  "pg_locks",
  "pg_database",
  "pg_roles",
  "pg_class",
  "pg_stat_activity",
  "pg_settings",
];
/** Functions that need no schema. A temporary function is found only with its schema, which must stay so. */
const functions: Readonly<Record<string, string>> = {
  "now()": "timestamptz",
  "clock_timestamp()": "timestamptz",
  "statement_timestamp()": "timestamptz",
  "make_interval(integer)": "interval",
  "pg_try_advisory_xact_lock(integer, integer)": "boolean",
  "date_bin(interval, timestamptz, timestamptz)": "timestamptz",
};
const operators: Readonly<Record<string, readonly [string, string]>> = {
  "-": ["timestamptz", "interval"],
  "<=": ["timestamptz", "timestamptz"],
  "<": ["timestamptz", "timestamptz"],
  "=": ["text", "text"],
};

/**
 * Statements that fill the temporary schema of a session with objects that shadow others. Each raises a warning when it is
 * used, with the current user: `trap: … as …`.
 * @param relations tables of the schema
 */
export function traps(relations: readonly string[]): readonly string[] {
  return [
    // Created first, while the names of types are not shadowed.
    `create function pg_temp.spy(what text) returns boolean language plpgsql as $$
     begin
       -- A warning reaches the session even if the transaction fails.
       raise warning 'trap: % as %', what, current_user;
       return true;
     end $$`,
    ...Object.entries(operators).map(
      ([sign, [left, right]], index) => `
        create function pg_temp.operate${index}(pg_catalog.${left}, pg_catalog.${right}) returns boolean
        language sql as $$ select pg_temp.spy('operator ${sign}') $$;
        create operator pg_temp.${sign}
          (leftarg = pg_catalog.${left}, rightarg = pg_catalog.${right}, function = pg_temp.operate${index})`,
    ),
    ...Object.entries(functions).map(
      ([signature, result]) => `
        create function pg_temp.${signature} returns ${result}
        language sql as $$ select null::${result} from pg_temp.spy('function ${signature}') $$`,
    ),
    ...systemRelations.map(
      (name) => `
        create view pg_temp.${name} as select * from pg_catalog.${name} where pg_temp.spy('view ${name}')`,
    ),
    ...relations.map(
      (name) =>
        `create view pg_temp.${name} as select * from pg_temp.spy('relation ${name}') as at(event_id)`,
    ),
    ...types.map(
      (name) => `create domain pg_temp.${name} as pg_catalog.${name} check (pg_temp.spy('type ${name}'))`,
    ),
  ];
}
