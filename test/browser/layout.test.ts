import { expect } from "chai";
import { describe, it } from "mocha";
import { pageOfEachTest } from "./src/page-of-each-test.ts";
import { shared } from "./src/shared.ts";

/** Weeks, the first of them cut: the longest names of rows. */
const weeks = "/?from=2026-09-02&to=2026-11-01&interval=week";

describe("charts", () => {
  const open = pageOfEachTest();

  for (const [name, query] of [
    ["25 hours", "from=2026-10-05T00:00:00Z&to=2026-10-06T01:00:00Z&interval=hour"],
    ["29 days", "from=2026-10-01&to=2026-10-30&interval=day"],
    ["weeks", "from=2026-09-01&to=2026-11-01&interval=week"],
  ] as const) {
    it(`cut off no label of their axes: ${name}`, async () => {
      await open.page.goto(`${shared().installation.url}/?${query}`);
      const labels = await open.page.evaluate<{ text: string; isWhole: boolean }[]>(`(() => {
        const labels = [...document.querySelectorAll(".chart .axis text")];
        return labels.map((label) => {
          const [inner, outer] = [label, label.ownerSVGElement].map((one) => one.getBoundingClientRect());
          return { text: label.textContent, isWhole: inner.left >= outer.left && inner.right <= outer.right };
        });
      })()`);
      expect(labels).to.have.length.above(10);
      expect(labels.filter(({ isWhole }) => !isWhole)).to.deep.equal([]);
    });
  }
});

describe("a table that is wider than a small screen", () => {
  const open = pageOfEachTest({ viewport: { width: 320, height: 800 } });

  for (const table of [".totals .scroll", ".breakdown"]) {
    it(`keeps what each row is of in sight, and nothing below it: ${table}`, async () => {
      await open.page.goto(`${shared().installation.url}${weeks}`);
      // Scrolled to its end, figures are below the names of rows.
      const headings = await open.page.evaluate<Heading[]>(`(() => {
        const frame = document.querySelector("${table}");
        return [...frame.querySelectorAll("th:first-child")].map((heading) => {
          heading.scrollIntoView({ block: "center" });
          frame.scrollLeft = frame.scrollWidth;
          const { left, right, top, bottom, width } = heading.getBoundingClientRect();
          const y = (top + bottom) / 2;
          return {
            text: heading.textContent,
            isAtEdge: Math.abs(left - frame.getBoundingClientRect().left) < 1 && frame.scrollLeft > 0,
            isOnTop: [left + 1, (left + right) / 2, right - 1].every((x) => heading.contains(document.elementFromPoint(x, y))),
            isOpaque: /^rgb\\(/.test(getComputedStyle(heading).backgroundColor),
            leavesRoom: width <= frame.clientWidth / 2,
          };
        });
      })()`);
      expect(headings).to.have.length.above(2);
      const right = { isAtEdge: true, isOnTop: true, isOpaque: true, leavesRoom: true };
      expect(headings).to.deep.equal(headings.map(({ text }) => ({ text, ...right })));
    });

    it(`shows what has the focus, be it where the names of rows are: ${table}`, async () => {
      await open.page.goto(`${shared().installation.url}${weeks}`);
      const links = await open.page.evaluate<{ text: string; isOnTop: boolean }[]>(`(() => {
        const frame = document.querySelector("${table}");
        const edge = frame.getBoundingClientRect().left;
        return [...frame.querySelectorAll("tbody tr:first-child a")].map((link) => {
          link.scrollIntoView({ block: "center" });
          frame.scrollLeft += link.getBoundingClientRect().left - edge;
          link.focus({ preventScroll: true });
          const { left, right, top, bottom } = link.getBoundingClientRect();
          const seen = [left + 1, right - 1].map((x) => document.elementFromPoint(x, (top + bottom) / 2));
          return { text: link.textContent, isOnTop: seen.every((one) => link.contains(one)) };
        });
      })()`);
      expect(links).to.have.length.above(3);
      expect(links.filter(({ isOnTop }) => !isOnTop)).to.deep.equal([]);
    });
  }
});

type Heading = {
  readonly text: string;
  /** The heading is at the edge of a frame that is scrolled. */
  readonly isAtEdge: boolean;
  readonly isOnTop: boolean;
  readonly isOpaque: boolean;
  /** Most of the frame is left for figures. */
  readonly leavesRoom: boolean;
};
