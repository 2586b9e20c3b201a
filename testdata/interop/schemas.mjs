// The schemas against what clients make of them: ajv in its strict mode, as clients validate with it, and the converters
// of OpenAI's and Google's own SDKs.
import assert from "node:assert/strict";

import { mcpToTool } from "@google/genai";
import { mcpToFunctionTool } from "@openai/agents-core";
import formats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";

// convert has every client's own code read the schemas of the tools.
export async function convert(report, tools) {
  await report.check("ajv takes every schema in strict mode", () => {
    for (const tool of tools) {
      compile(tool.inputSchema, { strict: true });
      compile(tool.outputSchema, {}); // strict, but for names in required that have no schema
    }
  });
  await report.check("OpenAI's SDK makes every tool strict", () => {
    for (const tool of tools) {
      const made = mcpToFunctionTool(tool, { name: "intercom" }, true);
      assert.equal(made.strict, true, tool.name);
      compile(made.parameters, {});
    }
  });
  await report.check("Google's SDK takes every tool", async () => {
    const client = { listTools: async () => ({ tools }), callTool: async () => ({}) };
    const { functionDeclarations: made } = await mcpToTool(client).tool();
    assert.deepEqual(made.map(({ name }) => name), tools.map(({ name }) => name));
    made.forEach((tool) => nameProperties(tool.parametersJsonSchema, tool.name)); // which only the API checks
  });
}

function compile(schema, options) {
  const ajv = new Ajv2020(options);
  formats.default(ajv);
  ajv.compile(schema);
}

// nameProperties fails for an object that names no property.
function nameProperties(schema, path) {
  const properties = Object.entries(schema.properties ?? {});
  assert.ok(schema.type !== "object" || properties.length > 0, `${path} names no property`);
  properties.forEach(([name, property]) => nameProperties(property, `${path}.${name}`));
  if (schema.items) {
    nameProperties(schema.items, `${path}[]`);
  }
}
