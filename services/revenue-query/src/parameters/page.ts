import { z } from "zod";
import { type Cursor, decodeCursor } from "../pagination/cursor.ts";
import type { Shape } from "./shape.ts";

/** The page of a list that a request is for. */
export type PageParameters = { readonly limit: number; readonly cursor: Cursor | undefined };

/** What is wrong with a cursor that no page returned. */
export const cursorAdvice = "must be the next_cursor of an earlier page, unchanged";

/** `limit` and `cursor` of a list that is read as of one instant. */
export const pageParameters: Shape<PageParameters> = {
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, "must be a whole number from 1 to 1000")
    .transform(Number)
    .default(100)
    .meta({
      description: "Maximum number of rows per page.",
      override: ({ jsonSchema }) => {
        delete jsonSchema.pattern;
        Object.assign(jsonSchema, { type: "integer", minimum: 1, maximum: 1000, default: 100 });
      },
    }),
  cursor: z
    .string()
    .regex(/^[\w-]+$/, cursorAdvice)
    .transform((text, context) => {
      const cursor = decodeCursor(text);
      if (cursor !== undefined) return cursor;
      context.addIssue(cursorAdvice);
      return z.NEVER;
    })
    .optional()
    .meta({
      description:
        "The `next_cursor` of the previous page, sent with otherwise the same parameters (`limit` may differ). All " +
        "pages are as of the first page's instant; records made between pages do not appear.",
    }),
};

/** `limit` and `cursor` of a list whose earlier states are not recorded. */
export const currentPageParameters: Shape<PageParameters> = {
  limit: pageParameters.limit,
  cursor: pageParameters.cursor.meta({
    description:
      "The `next_cursor` of the previous page, sent with otherwise the same parameters (`limit` may differ). Each " +
      "page shows the current state; rows that are resolved between two pages do not appear.",
  }),
};

const omitted = z.undefined("must be omitted: this media type returns the whole range without pages");

/** Rejects `limit` and `cursor`, for responses that are not paginated. */
export const noPageParameters: Shape<Readonly<Record<keyof PageParameters, undefined>>> = {
  limit: omitted,
  cursor: omitted,
};
