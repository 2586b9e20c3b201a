// What clients and model APIs ask of a tool in code that is not on npm, as lists by hand.
import assert from "node:assert/strict";

// The keywords that Gemini takes in the parameters of a function, as the subset of OpenAPI that its API documents.
// additionalProperties is none of them: the converters for that API leave it out, and those for JSON Schema keep it.
const gemini = new Set([
  "type", "format", "title", "description", "enum", "items", "minItems", "maxItems", "properties", "required",
  "minimum", "maximum", "minLength", "maxLength", "pattern", "default", "additionalProperties",
]);

// portable fails for a tool that one of them refuses or cuts.
export function portable({ name, description, inputSchema }) {
  assert.match(name, /^[a-z][a-z0-9_]{0,31}$/, "64 characters with the name of the server in front");
  assert.ok(description.length > 0 && description.length <= 1024, `${name}: description`); // Copilot cuts at 1,024
  assert.equal(inputSchema.type, "object", name);
  visit(inputSchema, name);
}

// visit checks a schema and all within it. Among the keywords that are not taken are the combinators, for which
// Cursor's servers refuse the whole request.
function visit(schema, path) {
  for (const keyword of Object.keys(schema)) {
    assert.ok(gemini.has(keyword), `${path}: ${keyword}`);
  }
  assert.equal(typeof schema.type, "string", `${path}: one type`); // unions are refused by Gemini and by Cursor
  assert.ok((schema.description ?? "").length <= 1024, `${path}: description`);
  if (schema.enum) {
    assert.equal(schema.type, "string", `${path}: Gemini takes an enum of texts`);
    assert.ok(schema.enum.every((value) => typeof value === "string" && value !== ""), `${path}: enum`);
  }
  assert.equal(schema.type === "array", schema.items !== undefined, `${path}: Copilot wants items`);
  const properties = Object.entries(schema.properties ?? {});
  assert.equal(schema.type === "object", properties.length > 0, `${path}: Gemini wants properties`);
  for (const required of schema.required ?? []) {
    assert.ok(required in schema.properties, `${path}: ${required} is required and not there`);
  }
  for (const [name, property] of properties) {
    assert.match(name, /^[A-Za-z0-9_.-]{1,64}$/, path); // Anthropic and Cursor refuse others
    visit(property, `${path}.${name}`);
  }
  if (schema.items) {
    visit(schema.items, `${path}[]`);
  }
}
