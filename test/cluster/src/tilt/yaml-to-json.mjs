// Reads a YAML stream and prints its documents as a JSON list, without the empty ones.
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";

const documents = parseAllDocuments(await text(process.stdin));
for (const { errors } of documents) if (errors.length > 0) throw errors[0];
const objects = documents.map((document) => document.toJS()).filter((object) => object !== null);
process.stdout.write(JSON.stringify(objects));
