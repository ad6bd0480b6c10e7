import { expect } from "chai";
import { describe, it } from "mocha";
import { inNamespace, selectorsOf } from "../src/monitoring/namespace-selectors.ts";
import { ruleFile } from "../src/monitoring/rule-file.ts";

describe("the namespace in an expression", () => {
  const cases: readonly (readonly [what: string, expr: string, wanted: string])[] = [
    ["a bare series", `up`, `up{namespace="a"}`],
    ["a recorded series", `takings:x:ratio5m > 1`, `takings:x:ratio5m{namespace="a"} > 1`],
    ["other matchers", `up{job="x", i=~"{,}"}`, `up{namespace="a", job="x", i=~"{,}"}`],
    ["empty braces and a range", `rate(up {}[5m] offset 7d)`, `rate(up{namespace="a"}[5m] offset 7d)`],
    ["a series without a name", `{__name__="up"}`, `{namespace="a", __name__="up"}`],
    ["a quoted name", `{"my.up"}`, `{namespace="a", "my.up"}`],
    [
      "both sides of an operator",
      `absent(up{job="x"}) and on (namespace) sum by (namespace) (down)`,
      `absent(up{namespace="a", job="x"}) and on (namespace) sum by (namespace) (down{namespace="a"})`,
    ],
  ];
  for (const [what, expr, wanted] of cases)
    it(`is added to ${what}`, () => expect(inNamespace(expr, "a")).to.equal(wanted));

  it("is kept where the expression has one", () => {
    const expr = `up{namespace=~"b.*"} + up{ "namespace"!="c" } + on (namespace) up{job="namespace="}`;
    expect(inNamespace(expr, "a")).to.equal(
      `up{namespace=~"b.*"} + up{ "namespace"!="c" } + on (namespace) up{namespace="a", job="namespace="}`,
    );
  });

  it("is not added to invalid PromQL, which is refused", () => {
    expect(() => inNamespace("sum(up", "a")).to.throw("Not valid PromQL at character 6: sum(up");
  });

  for (const rule of ruleFile().groups.flatMap(({ rules }) => rules))
    it(`is in every selector of the rule ${"alert" in rule ? rule.alert : rule.record}`, () => {
      const selectors = selectorsOf(rule.expr);
      expect(selectors).not.to.deep.equal([]);
      for (const { from, to, matchers } of selectors)
        expect(matchers, rule.expr.slice(from, to)).to.include('namespace="__NAMESPACE__"');
    });
});
