import { type GapFilter, gapPosition, type OpenGap } from "@takings/domain";
import { z } from "zod";
import { fingerprint } from "../pagination/cursor.ts";
import { readCurrentPage } from "../pagination/read-page.ts";
import { type ScopeParameters, scopeParameters } from "../parameters/filter.ts";
import { resolveAccount } from "../parameters/ledger-filter.ts";
import { currentPageParameters, type PageParameters } from "../parameters/page.ts";
import { readQuery } from "../parameters/read-query.ts";
import type { Shape } from "../parameters/shape.ts";
import { nextCursor } from "../responses/fields.ts";
import { type Gap, gap, gapOf } from "../responses/gap.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** The response of this endpoint. */
export type GapsResponse = { readonly gaps: readonly Gap[]; readonly next_cursor: string | null };

type Parameters = ScopeParameters & PageParameters & { readonly kind: OpenGap["kind"] | undefined };

const responseSchema: z.ZodType<GapsResponse> = z
  .object({ gaps: z.array(gap), next_cursor: nextCursor })
  .meta({ id: "Gaps" });

const kindParameter: z.ZodType<OpenGap["kind"] | undefined> = z
  .enum(["payment", "refund"], "must be payment or refund")
  .optional()
  .meta({ description: "Only missing payments, or only missing refunds. Omitted: both." });

/** `GET /v1/gaps`: payments and refunds that are known to be missing. */
export function gapsRoute({ reader, installation }: RouteDependencies): Route<GapsResponse> {
  const parameters: Shape<Parameters> = {
    kind: kindParameter,
    ...scopeParameters(installation.defaultLivemode),
    ...currentPageParameters,
  };
  return {
    path: "/v1/gaps",
    operationId: "listGaps",
    summary: "Payments and refunds whose event was not delivered",
    description:
      "Payments and refunds that are in no total because the event that would count them was not delivered, although " +
      "another event shows them; in ascending order of `seen_at` and `object_id`. A gap is listed once `seen_at` is " +
      "more than an hour ago, and disappears when its event arrives or `takings reconcile` publishes it.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<GapsResponse> {
      const query = readQuery(parameters, search);
      const { kind, source, livemode } = query;
      const account = resolveAccount(query, installation);
      const filter: GapFilter = { kind, source, account, livemode };
      const page = await readCurrentPage({
        query,
        fingerprint: fingerprint("gaps", kind, source, account, livemode),
        ids: /^[a-z0-9-]+:[\w-]*:(payment|refund):[^\s\p{C}]{1,255}$/u,
        read: (position) => reader.gaps(filter, position),
        position: (row) => ({ time: row.seenAt, id: gapPosition(row) }),
      });
      return { gaps: page.rows.map(gapOf), next_cursor: page.nextCursor };
    },
  };
}
