import { basename } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { needs } from "../src/configuration-needs.ts";
import { defineMissing, optionalKinds, removeStubs } from "../src/custom-resources.ts";
import { imageValues, installed, installProduct, productChart, slow } from "../src/installation.ts";
import { configurations } from "../src/render.ts";
import { note, settings } from "./settings.ts";

describe("each configuration in charts/takings/ci", function () {
  this.timeout(900_000);
  before(async () => {
    const { cluster } = await installed(settings);
    // Gone after the test before; here when this file runs alone.
    await cluster.helm(["uninstall", "takings", "--ignore-not-found", "--wait", "--timeout", "3m"], slow);
    await defineMissing(cluster, optionalKinds);
  });
  after(async () => {
    const { cluster } = await installed(settings);
    await removeStubs(cluster);
  });

  for (const file of configurations())
    it(`becomes ready, counts an event and can be uninstalled: ${basename(file)}`, async () => {
      const { cluster } = await installed(settings);
      const need = needs[basename(file)];
      const began = Date.now();
      await need?.provide(cluster);
      try {
        await installProduct(cluster, "install", productChart, imageValues(settings), ["--values", file]);
        const output = await cluster.helm(["test", "takings", "--logs", "--timeout", "3m"], slow);
        expect(output).to.include("answered with 2xx and counted once");
        await cluster.helm(["uninstall", "takings", "--wait", "--timeout", "3m"], slow);
      } finally {
        await need?.withdraw(cluster);
      }
      note(`${Math.round((Date.now() - began) / 1_000)} s`);
    });
});
