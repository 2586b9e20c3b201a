// The schemas of every tool, as they are sent, against what clients do with them. Where a client's own validator or
// converter is on npm it runs here: ajv as the official SDKs and Cursor set it up and in its strict mode, OpenAI's
// Agents SDK and the strict mode of its Node SDK, Google's SDK, the providers of the AI SDK, and the JSON language
// service by which VS Code takes a tool or leaves it out. What clients do in code that is not on npm (Copilot's
// normalizer in VS Code, Cursor's and Gemini's servers) are lists by hand, in portable.
//
// What is not held, on purpose:
//   - OpenAI's strict mode wants every property required and every object closed. No client sends MCP tools that way
//     unasked: the Agents SDK converts on demand (optional becomes nullable, and null is taken for absent here), and
//     what cannot be closed without a loss it sends as it is: the tools with custom_attributes, which takes names that
//     each workspace defines. Listing every argument as required would have every other client fill in all of them.
//   - ajv's strictRequired wants a schema for each required name. It is off unless asked for, and off in the SDKs and
//     in Cursor, whose own package calls ajv with strict: false. Outputs name what every answer has without its schema:
//     the schemas would cost a model 290 tokens of 5,000 for what it reads in the answer anyway.
import assert from "node:assert/strict";

import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { mcpToTool } from "@google/genai";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/cfworker";
import { mcpToFunctionTool } from "@openai/agents-core";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { toStrictJsonSchema } from "openai/lib/transform";
import languageService from "vscode-json-languageservice";

import { portable } from "./portable.mjs";

// convert has every client's own code read the schemas of the tools.
export async function convert(report, tools) {
  await report.check("ajv takes every schema in strict mode, of both drafts", () => {
    for (const { inputSchema, outputSchema } of tools) {
      for (const Draft of [Ajv, Ajv2020]) {
        compile(Draft, inputSchema, { strict: true });
        compile(Draft, outputSchema, { strict: true, strictRequired: false });
      }
    }
  });
  await report.check("the SDK's validators, which Cursor uses as well, take every schema", () => {
    for (const validator of [new AjvJsonSchemaValidator(), new CfWorkerJsonSchemaValidator()]) {
      for (const { inputSchema, outputSchema } of tools) {
        validator.getValidator(inputSchema);
        const answers = validator.getValidator(outputSchema);
        assert.equal(answers({}).valid, false);
        assert.equal(answers(Object.fromEntries(outputSchema.required.map((name) => [name, "x"]))).valid, true);
      }
    }
  });
  await report.check("OpenAI's Agents SDK takes every tool, and makes those strict that lose nothing by it", () => {
    const expected = tools.filter(({ inputSchema }) => !isOpen(inputSchema)).map(({ name }) => name);
    assert.ok(expected.length > tools.length / 2);
    const strict = quietly(() => tools.filter((tool) => openAI(tool)).map(({ name }) => name));
    assert.deepEqual(strict, expected);
  });
  await report.check("the AI SDK sends every tool to OpenAI as it is", async () => {
    const { tools: sent } = await sentBy((fetch) => createOpenAI({ apiKey: "none", fetch }).responses("gpt-5"), tools);
    assert.deepEqual(sent.map(({ parameters }) => parameters), tools.map(({ inputSchema }) => inputSchema));
    sent.forEach((tool) => assert.notEqual(tool.strict, true, tool.name));
  });
  await report.check("Google's SDK takes every tool", async () => {
    const client = { listTools: async () => ({ tools }), callTool: async () => ({}) };
    const { functionDeclarations: made } = await mcpToTool(client).tool();
    declares(made, tools);
  });
  await report.check("the AI SDK sends every tool to Gemini", async () => {
    const open = (fetch) => createGoogleGenerativeAI({ apiKey: "none", fetch })("gemini-2.5-pro");
    const { tools: sent } = await sentBy(open, tools);
    declares(sent.flatMap(({ functionDeclarations }) => functionDeclarations), tools);
  });
  await report.check("VS Code leaves no tool out", async () => {
    for (const { name, inputSchema } of tools) {
      assert.deepEqual(await diagnose(inputSchema), [], name);
    }
    assert.notDeepEqual(await diagnose({ type: "object", properties: { id: { type: "strung" } } }), []);
  });
  await report.check("Copilot, Cursor's and Gemini's servers find what they ask for", () => tools.forEach(portable));
}

function compile(Draft, schema, options) {
  const ajv = new Draft(options);
  formats.default(ajv);
  ajv.compile(schema);
}

// isOpen reports whether an object anywhere in a schema takes names that it does not list.
const isOpen = (schema) =>
  (schema.type === "object" && schema.additionalProperties !== false) ||
  Object.values(schema.properties ?? {}).some(isOpen) ||
  (schema.items !== undefined && isOpen(schema.items));

// openAI has the Agents SDK convert a tool and reports whether it became strict. One that did not has to stay as open
// as it is; of one that did, OpenAI's own strict mode has to take the schema.
function openAI(tool) {
  const plain = mcpToFunctionTool(tool, { name: "intercom" }, false);
  assert.equal(plain.strict, false, tool.name);
  assert.deepEqual(plain.parameters.properties, tool.inputSchema.properties);
  const { strict, parameters } = mcpToFunctionTool(tool, { name: "intercom" }, true);
  if (strict) {
    toStrictJsonSchema(parameters);
    compile(Ajv2020, parameters, {});
  } else {
    assert.deepEqual(parameters.properties, tool.inputSchema.properties, tool.name);
  }
  return strict;
}

// quietly runs a function without the SDK's warnings, of which each tool that stays open gets one.
function quietly(body) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return body();
  } finally {
    console.warn = warn;
  }
}

// sentBy returns the body that a provider of the AI SDK sends for the tools. Nothing leaves the machine.
async function sentBy(open, tools) {
  let body;
  const model = open(async (_, init) => {
    body = JSON.parse(init.body);
    throw new Error("not sent");
  });
  const given = tools.map((tool) => ({ type: "function", ...tool }));
  const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
  await assert.rejects(model.doGenerate({ prompt, tools: given }), /not sent/);
  return body;
}

// declares expects Gemini's declarations of all the tools, with all of their arguments.
function declares(made, tools) {
  assert.deepEqual(made.map(({ name }) => name), tools.map(({ name }) => name));
  for (const [i, { name, parametersJsonSchema }] of made.entries()) {
    assert.deepEqual(parametersJsonSchema.properties, tools[i].inputSchema.properties, name);
  }
}

// diagnose returns what VS Code's JSON language service says of an input schema as a document of draft 7, which is how
// VS Code decides whether a tool is taken.
async function diagnose(schema) {
  const service = languageService.getLanguageService({});
  const document = languageService.TextDocument.create("tool://schema.json", "json", 0, JSON.stringify(schema));
  const draft7 = { $ref: "http://json-schema.org/draft-07/schema#" };
  return service.doValidation(document, service.parseJSONDocument(document), {}, draft7);
}
