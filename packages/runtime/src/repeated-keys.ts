/** Two values of one key in an object, of which JSON.parse takes the last. */
export type RepeatedKey = {
  /** The key of the outermost object in which it is, or that it is. */
  readonly name: string;
  /** The key itself, where it is of an inner object. */
  readonly key: string | undefined;
};

/** Strings, those that are keys with their colon, and what opens and closes objects and lists. */
const tokens = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/g;

/** The keys that an object has twice. @param json valid JSON. */
export function repeatedKeys(json: string): readonly RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  const open: Set<string>[] = [];
  let name = "";
  for (const [token, colon] of json.matchAll(tokens)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(token.slice(0, -colon.length));
      const keys = open.at(-1);
      if (open.length === 1) name = key;
      if (keys?.has(key)) repeated.push({ name, key: open.length === 1 ? undefined : key });
      keys?.add(key);
    }
  }
  return repeated;
}
