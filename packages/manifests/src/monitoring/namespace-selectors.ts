import { parser } from "@prometheus-io/lezer-promql";

/** Elements between the braces of a selector, in the grammar of Prometheus's web interface. */
const matcherNodes = new Set(["UnquotedLabelMatcher", "QuotedLabelMatcher", "QuotedLabelName"]);

/** A selector of series in an expression: its position and its label matchers, such as `service="ingress"`. */
export type Selector = { readonly from: number; readonly to: number; readonly matchers: readonly string[] };

/**
 * The expression with `namespace="…"` in every selector that has no matcher for it, so that it reads the series of
 * one installation only. @throws if the expression is not valid PromQL.
 */
export function inNamespace(expr: string, namespace: string): string {
  // From the end, so that the positions before it stay valid.
  return selectorsOf(expr)
    .toReversed()
    .reduce((text, selector) => {
      if (selector.matchers.some((matcher) => /^"?namespace"?\s*[=!]/.test(matcher))) return text;
      const [name = ""] = text.slice(selector.from, selector.to).split("{");
      const matchers = [`namespace="${namespace}"`, ...selector.matchers].join(", ");
      return `${text.slice(0, selector.from)}${name.trimEnd()}{${matchers}}${text.slice(selector.to)}`;
    }, expr);
}

/** All selectors of an expression, in order. @throws if the expression is not valid PromQL. */
export function selectorsOf(expr: string): readonly Selector[] {
  const selectors: (Selector & { matchers: string[] })[] = [];
  parser.parse(expr).iterate({
    enter({ name, type, from, to }) {
      if (type.isError) throw new Error(`Not valid PromQL at character ${from}: ${expr}`);
      if (name === "VectorSelector") selectors.push({ from, to, matchers: [] });
      if (matcherNodes.has(name)) selectors.at(-1)?.matchers.push(expr.slice(from, to));
    },
  });
  return selectors;
}
