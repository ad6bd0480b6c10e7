import { changePassage } from "./break.ts";

changePassage("/nats/src/settle-deliveries.ts", "held && foreign.get(held)", "undefined");
