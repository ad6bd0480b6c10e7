import { type GapFilter, gapPosition, type OpenGap } from "@takings/domain";
import { z } from "zod";
import { type Gap, gap, nextCursor } from "./responses.ts";
import { fingerprint } from "./cursor.ts";
import { resolveAccount } from "./ledger-filter.ts";
import { readCurrentPage } from "./page.ts";
import {
  type ScopeParameters,
  scopeParameters,
  gapKindParameter,
  type PageParameters,
  type Shape,
  currentPageParameters,
} from "./parameters.ts";
import { readQuery } from "./read-query.ts";
import type { Route, RouteDeps } from "./route.ts";
import { gapOf } from "./response-rows.ts";

type GapsResponse = { readonly gaps: readonly Gap[]; readonly next_cursor: string | null };

type Parameters = ScopeParameters & PageParameters & { readonly kind: OpenGap["kind"] | undefined };

const responseSchema: z.ZodType<GapsResponse> = z
  .object({ gaps: z.array(gap), next_cursor: nextCursor })
  .meta({ id: "Gaps" });

/** `GET /v1/gaps`: what events prove to be missing. */
export function gapsRoute({ reader, installation }: RouteDeps): Route {
  const parameters: Shape<Parameters> = {
    kind: gapKindParameter,
    ...scopeParameters(installation.defaultLivemode),
    ...currentPageParameters,
  };
  return {
    path: "/v1/gaps",
    operationId: "listGaps",
    summary: "Money of which an event proves that another one was not delivered",
    description:
      "Payments and refunds that are in no total because the event that would count them never came, ascending by " +
      "`seen_at` and `object_id`. A gap is shown once `seen_at` is more than an hour ago, and is gone when its event " +
      "arrives or `takings reconcile` makes it.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<GapsResponse> {
      const query = readQuery(parameters, search);
      const { kind, livemode } = query;
      const filter: GapFilter = { kind, livemode, account: resolveAccount(query.account, installation) };
      const page = await readCurrentPage({
        query,
        fingerprint: fingerprint("gaps", kind, filter.account, livemode),
        ids: /^[\w-]*:(payment|refund):[^\s\p{C}]{1,255}$/u,
        read: (position) => reader.gaps(filter, position),
        position: (row) => ({ time: row.seenAt, id: gapPosition(row) }),
      });
      return { gaps: page.rows.map(gapOf), next_cursor: page.nextCursor };
    },
  };
}
