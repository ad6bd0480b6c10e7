import { changePassage } from "./break.ts";

const main = "/services/ingress/src/main.ts";
changePassage(main, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
changePassage(main, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
