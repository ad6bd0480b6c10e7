import { Writable } from "node:stream";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createTerminalOutput } from "../src/run/terminal-output.ts";

function shown(everything: boolean, ...chunks: string[]): string {
  let text = "";
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const tee = createTerminalOutput(out, everything).forService("ingress");
  for (const chunk of chunks) tee(Buffer.from(chunk));
  return text;
}

const info = '{"level":"info","msg":"event_received"}\n';
const warning = '{"level":"warn","msg":"slow"}\n';

describe("the services' lines on the terminal", () => {
  it("carry the service's name", () => {
    expect(shown(true, info)).to.equal(`ingress       | ${info}`);
  });

  it("leave out what is not worth a look unless a level was asked for", () => {
    expect(shown(false, info, warning)).to.equal(`ingress       | ${warning}`);
  });

  it("show everything that is no log line, such as a stack trace", () => {
    expect(shown(false, "Error: lost\n    at main\n")).to.contain("Error: lost").and.contain("at main");
  });

  it("are put together again where the chunks split them", () => {
    expect(shown(false, warning.slice(0, 9), warning.slice(9))).to.equal(`ingress       | ${warning}`);
  });
});
