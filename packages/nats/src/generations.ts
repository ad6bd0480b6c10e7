import { z } from "zod";

/**
 * A durable that a replay has made anew begins a new record of what is committed. What lies before its beginning was
 * settled under an earlier one. Each names the ones before it, so that this record is not lost with it; and what was
 * noted of a stream that was lost, or restored and then replayed from its beginning, counts for nothing.
 */
export type Generation = {
  /** The durable's moment of creation. */
  readonly created: string;
  /** The sequence with which it begins. */
  readonly from: number;
};

const key = "takings.earlier";
/** What is older is not known to be committed any more: a replay from the beginning makes that good. */
const maxGenerations = 16;

const earlier = z.array(z.object({ created: z.string(), from: z.number() }));

/** The parts of a consumer's description that tell its generations. */
export const durableGenerations = z.looseObject({
  created: z.string().min(1),
  config: z.looseObject({
    opt_start_seq: z.number().default(1),
    metadata: z.record(z.string(), z.string()).nullish(),
  }),
});
export type DurableGenerations = z.output<typeof durableGenerations>;

/** The durable's own generation, and the earlier ones that it names, latest first. */
export function generationsOf({ created, config }: DurableGenerations): readonly Generation[] {
  const written = config.metadata?.[key];
  const known = written === undefined ? [] : earlier.parse(JSON.parse(written));
  return [{ created, from: config.opt_start_seq }, ...known];
}

/** What a durable that begins at `from` has to carry of those before it, on a stream that begins at `first`. */
export function generationsMetadata(
  generations: readonly Generation[],
  from: number,
  first: number,
): Readonly<Record<string, string>> {
  const kept: Generation[] = [];
  let next = from;
  for (const generation of generations) {
    if (next <= first || kept.length === maxGenerations) break;
    // One that begins no earlier than what came after it has nothing left of its own.
    if (generation.from >= next) continue;
    kept.push(generation);
    next = generation.from;
  }
  return kept.length === 0 ? {} : { [key]: JSON.stringify(kept) };
}
