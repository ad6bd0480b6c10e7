import type { Environment } from "@takings/runtime";
import type { Command } from "commander";

/** Prints one line of a command's result on standard output. */
export type Print = (line: string) => void;

/** Creates a command that takes its settings from the environment. */
export type MakeCommand = (environment: Environment, print: Print) => Command;
