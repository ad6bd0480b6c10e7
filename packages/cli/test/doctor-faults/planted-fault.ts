import type { DoctorStack } from "../doctor-stack.ts";

/** A fault that is planted, and what the doctor must say about it. */
export type PlantedFault = {
  readonly title: string;
  readonly check: string;
  readonly found: RegExp;
  readonly advice: RegExp;
  /** Plants it, and returns how to remove it and with which environment and clock to look. */
  readonly plant: (stack: DoctorStack) => Promise<Planted>;
};

/** A planted fault. */
export type Planted = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly aheadMs?: number;
  readonly lateMs?: number;
  /** The checks that cannot find anything out meanwhile. */
  readonly unknown?: readonly string[];
  readonly remove?: () => Promise<unknown>;
};

/** A fault of the environment. */
export const set = (environment: Readonly<Record<string, string>>) => (): Promise<Planted> =>
  Promise.resolve({ environment });

/** A fault that one statement plants and others remove. */
export const statement =
  (plant: string, ...remove: readonly string[]) =>
  async ({ sql }: DoctorStack): Promise<Planted> => {
    await sql(plant);
    return { remove: () => sql(...remove) };
  };

/** The statement that stores an event that was recorded some days ago. */
export function eventOf(status: string, reason: string, source = "default", daysAgo = 40): string {
  return `insert into takings.events (source, event_id, type, created, received_at, recorded_at, status, reason, rules, payload, payload_codec)
    values ('${source}', 'evt_1', 'invoice.paid', now(), now(), now() - interval '${daysAgo} days', '${status}', ${reason},
      takings.current_rules_version(), '{}', 0)`;
}
