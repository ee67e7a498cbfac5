// Validates docs/asyncapi.json with the parser that the AsyncAPI CLI itself uses.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { diagnostics } = await new Parser().parse(readFileSync("docs/asyncapi.json", "utf8"));
const errors = diagnostics.filter((found) => found.severity === 0);
for (const found of errors) console.error(found.path.join("."), found.message);
console.log(`docs/asyncapi.json: ${errors.length} errors`);
process.exit(errors.length ? 1 : 0);
