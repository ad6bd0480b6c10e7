type Schema = Readonly<Record<string, unknown>>;

/** Fields of every object, which CRDs do not describe. */
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
 * Converts the OpenAPI schema of a Kubernetes kind to a JSON schema that rejects unknown fields. Descriptions are left
 * out and references are resolved.
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

/** A quantity is a number or a string. A schema that refers to itself (the JSON schema in a CRD) is not validated. */
function resolved(reference: string, definitions: Readonly<Record<string, object>>): Schema {
  const name = reference.replace("#/definitions/", "");
  if (name.endsWith("resource.Quantity")) return { type: ["string", "number"] };
  if (name.endsWith("apiextensions.v1.JSONSchemaProps")) return {};
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`The schema refers to ${name}, which is not defined`);
  return strict(definition as Schema, definitions);
}
