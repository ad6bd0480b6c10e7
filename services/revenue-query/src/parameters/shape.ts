import type { z } from "zod";

/** One schema per query parameter: it validates requests and describes the parameter in the OpenAPI document. */
export type Shape<Values> = { readonly [Name in keyof Values]: z.ZodType<Values[Name]> };
