import type { Case } from "../case.ts";
import { kills } from "./kills.ts";

/** Every case, in the order in which they run: those that share an installation one after the other. */
export const allCases: readonly Case[] = [...kills];
