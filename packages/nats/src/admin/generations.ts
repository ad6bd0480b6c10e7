import { z } from "zod";
import type { DurableInfo } from "../jetstream-api.ts";

/**
 * A durable that a replay has recreated starts a new record of what is committed; what lies before its start was committed
 * under an earlier one. Each durable lists the earlier ones, so that this record is not lost. What was recorded of a stream
 * that was lost, or restored and then replayed from its start, is not listed and has no effect.
 */
export type Generation = {
  /** When the durable was created. */
  readonly created: string;
  /** The sequence at which it starts. */
  readonly from: number;
};

const key = "takings.earlier";
/** Sequences of earlier generations count as uncommitted; a replay from the start of the stream corrects that. */
const maxGenerations = 16;

const earlier = z.array(z.object({ created: z.string(), from: z.number() }));

/** The part of a durable's information that records its generations. */
export type DurableGenerations = Pick<DurableInfo, "created" | "config">;

/** The durable's own generation, and the earlier ones that it lists, latest first. */
export function generationsOf({ created, config }: DurableGenerations): readonly Generation[] {
  const listed = config.metadata?.[key];
  const known = listed === undefined ? [] : earlier.parse(JSON.parse(listed));
  return [{ created, from: config.opt_start_seq }, ...known];
}

/** The metadata that lists earlier generations for a durable that starts at `from`, on a stream that starts at `first`. */
export function generationsMetadata(
  generations: readonly Generation[],
  from: number,
  first: number,
): Readonly<Record<string, string>> {
  const kept: Generation[] = [];
  let next = from;
  for (const generation of generations) {
    if (next <= first || kept.length === maxGenerations) break;
    // One that starts no earlier than its successor covers no sequence.
    if (generation.from >= next) continue;
    kept.push(generation);
    next = generation.from;
  }
  return kept.length === 0 ? {} : { [key]: JSON.stringify(kept) };
}
