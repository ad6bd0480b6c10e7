import type { BalanceReader, BalanceScope, Moment } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { ScopeParameters } from "../parameters/filter.ts";
import { type Installation, isInScope, resolveAccount } from "../parameters/ledger-filter.ts";
import type { AsRecordedAt } from "../parameters/recorded-time.ts";

/** How far a range of the balance ledger is complete. */
export type Completeness = {
  readonly complete_from: string | null;
  readonly complete_through: string | null;
};

/** How far to trust an answer about the balance. */
export type BalanceStanding = Completeness & { readonly quarantined: number | null };

/** The fields of a {@link Completeness}, to be spread into the schema of a response. */
export const completeness: { readonly [Name in keyof Completeness]: z.ZodType<Completeness[Name]> } = {
  complete_from: z.string().nullable().meta({
    format: "date-time",
    description: "Transactions created before this instant were not loaded; null: none were left out.",
  }),
  complete_through: z
    .string()
    .nullable()
    .meta({
      format: "date-time",
      description:
        "Everything that Stripe created before this instant is in the answer, by `takings balance sync`; for all " +
        "accounts the earliest of theirs. Null while no round has been completed, and for a response as of an earlier instant.",
    }),
};

/** The fields of a {@link BalanceStanding}, to be spread into the schema of a response. */
export const balanceStanding: { readonly [Name in keyof BalanceStanding]: z.ZodType<BalanceStanding[Name]> } =
  {
    ...completeness,
    quarantined: z
      .int()
      .min(0)
      .nullable()
      .meta({
        description:
          "How many readings of this account are in quarantine, and so not in the answer. Null for a response as of an " +
          "earlier instant.",
      }),
  };

/** The standing of an answer as of an earlier instant, which must never change. */
const unknownStanding: BalanceStanding = { complete_from: null, complete_through: null, quarantined: null };

/** How far the answer of a scope is complete, and what it leaves out. `scopes`: of {@link syncedScopesOf}. */
export async function standingOf(
  scope: BalanceScope,
  reader: Pick<BalanceReader, "quarantined">,
  scopes: SyncedScopes | undefined,
): Promise<BalanceStanding> {
  if (scopes === undefined) return unknownStanding;
  const quarantined = await reader.quarantined(scope);
  return { ...completenessOf(scopes, scope), quarantined };
}

/** The scopes of an answer that were ever to be read. */
export type SyncedScopes = Awaited<ReturnType<BalanceReader["completeness"]>>;

/**
 * The scopes of the answer to a query; `undefined` where it is as of an earlier instant. Must be read before the read time
 * is determined: the answer then contains every round that they show.
 */
export async function syncedScopesOf(
  query: ScopeParameters & AsRecordedAt,
  installation: Installation,
  reader: Pick<BalanceReader, "completeness">,
): Promise<SyncedScopes | undefined> {
  if (query.as_recorded_at !== undefined) return undefined;
  const wanted = { ...query, account: resolveAccount(query, installation) };
  const all = await reader.completeness();
  return all.filter((one) => isInScope(one, wanted));
}

/**
 * How far these scopes together are complete; unknown as of an earlier instant, and where a round ended after the read time
 * of the response, because the response may not contain what it added.
 */
export function completenessOf(
  scopes: SyncedScopes | undefined,
  { asOf }: Pick<BalanceScope, "asOf">,
): Completeness {
  if (scopes === undefined) return { complete_from: null, complete_through: null };
  const known = scopes.flatMap((one) => one.known ?? []).filter((one) => inTime(one.recordedAt, asOf) <= 0);
  if (known.length === 0 || known.length < scopes.length) {
    return { complete_from: null, complete_through: null };
  }
  const starts = known.flatMap(({ completeFrom }) => completeFrom ?? []);
  return {
    complete_from: starts.toSorted(inTime).at(-1) ?? null,
    complete_through: known.map(({ completeThrough }) => completeThrough).toSorted(inTime)[0] ?? null,
  };
}

function inTime(a: Moment, b: Moment): number {
  return Temporal.Instant.compare(Temporal.Instant.from(a), Temporal.Instant.from(b));
}
