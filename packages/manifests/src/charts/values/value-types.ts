import { z } from "zod";

// The types that several parts of the product's values share.

/** The name of a Kubernetes object. */
export const name: z.ZodString = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
/** A name, or nothing where none is needed. */
export const optionalName: z.ZodType = z.union([z.literal(""), name]);
/** A key of a Secret. */
export const key: z.ZodString = z.string().regex(/^[-._a-zA-Z0-9]+$/);
export const optionalKey: z.ZodType = z.union([z.literal(""), key]);

/** The name of a source, `default` included. It becomes part of the names of objects, which end in no hyphen. */
export const sourceName: z.ZodString = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
export const sourceNames: z.ZodType = z.array(sourceName);

export const flag: z.ZodBoolean = z.boolean();
export const text: z.ZodString = z.string();
export const count: z.ZodInt = z.int().min(0);
export const positive: z.ZodInt = z.int().min(1);
/** Labels and annotations. */
export const texts: z.ZodType = z.record(z.string(), z.string());

/** Part of a Kubernetes object, which the API server validates. */
export const kubernetesObject: z.ZodType = z.looseObject({});
export const kubernetesObjects: z.ZodType = z.array(kubernetesObject);
