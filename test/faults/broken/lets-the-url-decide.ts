import { changePassage } from "./break.ts";

const file = "/packages/postgres/src/session.ts";
changePassage(file, "[...given, ...ours]", "[...ours, ...given]");
changePassage(file, "if (missing.length === 0) return;", "if (missing.length >= 0) return;");
