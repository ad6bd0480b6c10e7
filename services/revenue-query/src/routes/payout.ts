import { z } from "zod";
import { HttpProblem } from "../http/http-problem.ts";
import { type ScopeOfObjectParameters, scopeOfObjectParameters } from "../parameters/filter.ts";
import { resolveAccount } from "../parameters/ledger-filter.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type SourceParameter, sourceOfObjectParameter } from "../parameters/source.ts";
import { isStorableId } from "../parameters/storable-id.ts";
import { type PayoutWithMembers, payoutWithMembers, payoutWithMembersOf } from "../responses/payout.ts";
import { resolveReadTime } from "../time/read-time.ts";
import { readableBy } from "../scope/scope-of-object.ts";
import type { Route, RouteDependencies } from "./route.ts";

type ObjectParameters = ScopeOfObjectParameters & SourceParameter & AsRecordedAt;

const missing = "No payout with this id is known.";

/** `GET /v1/payouts/{id}`: one payout and what it consists of. */
export function payoutRoute({ reader, balance, installation }: RouteDependencies): Route<PayoutWithMembers> {
  const id = z.string().meta({ description: "Stripe's payout id.", example: "po_1OaFDbEcg9tTZuTgNYmX0PKB" });
  const parameters: Shape<ObjectParameters> = {
    ...scopeOfObjectParameters,
    source: sourceOfObjectParameter,
    ...asRecordedAt,
  };
  return {
    path: "/v1/payouts/{id}",
    operationId: "getPayout",
    summary: "One payout and what it consists of",
    description: "The fields of the list, and what the payout's members add up to by reporting category.",
    parameters,
    subject: { parameters: { id }, missing },
    responseSchema: payoutWithMembers,
    async reply({ search, path, scope }): Promise<PayoutWithMembers> {
      const query = readQuery(parameters, search);
      const wanted = path["id"] ?? "";
      if (!isStorableId(wanted)) throw new HttpProblem(404, missing);
      const moment = await resolveReadTime(reader, query.as_recorded_at);
      const { source, livemode } = query;
      const account = query.account === undefined ? "*" : resolveAccount(query, installation);
      const mayRead = await readableBy(scope, { reader, installation });
      const payout = await balance.payout(wanted, { asOf: moment, source, account, livemode });
      if (payout === undefined || !mayRead(payout)) throw new HttpProblem(404, missing);
      return payoutWithMembersOf(payout, moment);
    },
  };
}
