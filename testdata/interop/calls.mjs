// Calls that touch every tool that is listed, with what they have to answer in a new sandbox: the usual calls, the usual
// mistakes, and the course of two changes. args and expect share what earlier calls saved.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const usual = JSON.parse(readFileSync(new URL("usual_calls.json", import.meta.url), "utf8"));
const emma = "external_id:u-10001";

// applied expects a receipt.
const applied = (changed) => (answer) => {
  assert.equal(answer.status, "applied");
  assert.equal(answer.changed, changed);
};

// waits expects a change that wants a yes, and keeps its handle under name.
const waits = (name) => (answer, saved) => {
  assert.equal(answer.status, "awaiting");
  assert.match(answer.preview, /\S/);
  saved[name] = answer.change;
};

// usualCalls are the usual calls of the tools that are listed, but for those of changes that were made before. A write
// is applied, or waits where the built-in policy asks.
const usualCalls = (names) =>
  usual
    .filter((call) => names.includes(call.tool) && !call.after)
    .map((call) => ({
      tool: call.tool,
      args: () => call.args,
      expect: (answer) => {
        if (answer.change) assert.equal(answer.status, call.waits ? "awaiting" : "applied");
        if (call.waits) return; // what it shows is of the change once it is applied
        for (const text of call.shows ?? []) assert.ok(JSON.stringify(answer).includes(text), `no ${text}`);
      },
    }));

// mistakes are refused.
const mistakes = [
  { tool: "search_contacts", about: "misspelt argument", args: () => ({ querry: "ann" }), error: "invalid_argument" },
  { tool: "get_contact", about: "nobody", args: () => ({ contact: "no.one@acme.example" }), error: "not_found" },
  { tool: "tag_contacts", about: "unknown tag", args: () => ({ contacts: [emma], tag: "VIPP" }), error: "unknown_tag" },
];

// begun are changes that changeCalls go on with.
const begun = [
  {
    tool: "update_contact",
    about: "to be undone",
    args: () => ({ contact: emma, set: { custom_attributes: { seats: 43 } } }),
    expect: (answer, saved) => {
      applied(1)(answer);
      saved.seats = answer.change;
    },
  },
  {
    tool: "update_contact",
    about: "identity field",
    args: () => ({ contact: emma, set: { email: "emma@acme.example" } }),
    expect: waits("identity"),
  },
  {
    tool: "bulk_update_contacts",
    about: "many by conditions",
    args: () => ({
      where: [{ field: "custom_attributes.plan", operator: "=", value: "trial" }],
      set: { custom_attributes: { plan: "starter" } },
    }),
    expect: waits("many"),
  },
];

// plainCalls need nothing from one another.
export const plainCalls = (names) => [...usualCalls(names), ...mistakes, ...begun];

// changeCalls go on with the changes that plainCalls made or left waiting.
export const changeCalls = [
  {
    tool: "list_changes",
    args: () => ({ status: "awaiting" }),
    expect: (answer, { identity, many }) => {
      const waiting = answer.rows.map((row) => row[0]);
      for (const change of [identity, many]) assert.ok(waiting.includes(change), `${change} is not among ${waiting}`);
    },
  },
  {
    tool: "get_change",
    args: ({ identity }) => ({ change: identity }),
    expect: (answer) => assert.equal(answer.status, "awaiting"),
  },
  { tool: "confirm_change", args: ({ identity }) => ({ change: identity }), expect: applied(1) },
  {
    tool: "cancel_change",
    args: ({ many }) => ({ change: many }),
    expect: (answer) => assert.equal(answer.status, "cancelled"),
  },
  {
    tool: "confirm_change",
    about: "after it was cancelled",
    args: ({ many }) => ({ change: many }),
    error: "change_used",
  },
  { tool: "undo_change", args: ({ seats }) => ({ change: seats }), expect: applied(1) },
  { tool: "undo_change", about: "twice", args: ({ seats }) => ({ change: seats }), error: "change_used" },
];
