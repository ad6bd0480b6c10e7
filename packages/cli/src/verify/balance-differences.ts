import { isDeepStrictEqual } from "node:util";
import { messageIdOf } from "@takings/domain";
import {
  type BalanceComparison,
  type ComparedBalance,
  describeScope,
  type Discrepancy,
} from "@takings/postgres";

/** What a comparison of the balance found, as a discrepancy; empty where it found none. */
export function balanceDifferences(found: BalanceComparison): readonly Discrepancy[] {
  if ("contradicting" in found) {
    const { contradicting } = found;
    const detail = `is not in quarantine, but ${contradicting.reason}`;
    return [{ where: "events", id: messageIdOf(contradicting), detail }];
  }
  return "different" in found ? [describe(found.different)] : [];
}

function describe({ object, stored, derived }: ComparedBalance): Discrepancy {
  return {
    where: "balance",
    id: `${object.id} ${describeScope(object)}`,
    detail: differenceOf(stored, derived),
  };
}

type Columns = ComparedBalance["stored"];

function differenceOf(stored: Columns, derived: Columns): string {
  if (stored === undefined) return "is missing, although the events state it";
  if (derived === undefined) return "exists, although no event states it";
  const differing = Object.keys(derived).filter((name) => !isDeepStrictEqual(stored[name], derived[name]));
  return differing
    .map((name) => `${name} is ${String(stored[name])}, by the events ${String(derived[name])}`)
    .join("; ");
}
