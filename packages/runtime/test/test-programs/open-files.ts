import { createLogger } from "../../src/logger.ts";
import { connectionsWithinOpenFiles } from "../../src/open-files.ts";

/** Writes how many of 4,000 connections the limit of this process allows. */
const connections = connectionsWithinOpenFiles(
  4_000,
  createLogger({ service: "test-program", level: "silent" }),
);
process.stdout.write(`${connections}\n`);
