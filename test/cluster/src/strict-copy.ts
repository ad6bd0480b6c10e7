type Schema = Readonly<Record<string, unknown>>;

/** What every object has, and what the API server adds to it. */
const always = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } };
const kept = [
  "type",
  "enum",
  "required",
  "minimum",
  "maximum",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
];

/**
 * An OpenAPI schema of a Kubernetes kind as a JSON schema that refuses unknown fields, without its prose and with its
 * references resolved.
 */
export function strictCopy(schema: object, definitions: Readonly<Record<string, object>>): object {
  const copy = strict(schema as Schema, definitions);
  return { ...copy, properties: { ...(copy["properties"] as object), ...always } };
}

function strict(schema: Schema, definitions: Readonly<Record<string, object>>): Schema {
  const reference = schema["$ref"];
  if (typeof reference === "string") return resolved(reference, definitions);
  if (schema["x-kubernetes-int-or-string"] === true || schema["format"] === "int-or-string")
    return { type: ["string", "integer"] };
  const within = (value: unknown): Schema => strict(value as Schema, definitions);
  const result: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).filter(([name]) => kept.includes(name)),
  );
  const { properties, additionalProperties, items } = schema;
  if (typeof items === "object" && items !== null) result["items"] = within(items);
  if (typeof additionalProperties === "object" && additionalProperties !== null)
    result["additionalProperties"] = within(additionalProperties);
  if (typeof properties === "object" && properties !== null) {
    result["properties"] = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, within(value)]),
    );
    if (schema["x-kubernetes-preserve-unknown-fields"] !== true) result["additionalProperties"] = false;
  }
  return result;
}

/** A quantity is written as a number or as text; what refers to itself (a JSON schema in a CRD) is not looked into. */
function resolved(reference: string, definitions: Readonly<Record<string, object>>): Schema {
  const name = reference.replace("#/definitions/", "");
  if (name.endsWith("resource.Quantity")) return { type: ["string", "number"] };
  if (name.endsWith("apiextensions.v1.JSONSchemaProps")) return {};
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`no definition ${name}`);
  return strict(definition as Schema, definitions);
}
