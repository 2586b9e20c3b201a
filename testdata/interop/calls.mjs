// Calls that touch every tool of the catalogue, with what they have to answer
// in a new sandbox. args and expect share what earlier calls saved.
import assert from "node:assert/strict";

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

// lists expects a table that has a row with cell in column.
const lists = (column, cell) => (answer) => {
  const at = answer.columns.indexOf(column);
  assert.equal(answer.columns[0], "id");
  assert.ok(at >= 0, `columns are ${answer.columns}`);
  const cells = answer.rows.map((row) => row[at]);
  assert.ok(cells.includes(cell), `${column} holds ${cells}`);
};

// plainCalls need nothing from one another.
export const plainCalls = [
  {
    tool: "search_contacts",
    args: () => ({
      where: [{ field: "custom_attributes.plan", operator: "=", value: "trial" }],
      fields: ["custom_attributes.plan"],
      limit: 5,
    }),
    expect: (answer) => {
      assert.equal(answer.rows.length, 5);
      assert.ok(answer.total > 250, `total ${answer.total}`);
      assert.ok(answer.next_cursor);
      lists("custom_attributes.plan", "trial")(answer);
    },
  },
  {
    tool: "search_contacts",
    about: "misspelt argument",
    args: () => ({ querry: "ann" }),
    error: "invalid_argument",
  },
  {
    tool: "get_contact",
    args: () => ({ contact: emma, include: ["notes", "segments"] }),
    expect: (answer) => {
      assert.equal(answer.external_id, "u-10001");
      assert.equal(answer.email, "emma.dubois0@acme.example");
    },
  },
  { tool: "get_contact", about: "nobody", args: () => ({ contact: "no.one@acme.example" }), error: "not_found" },
  { tool: "list_attributes", args: () => ({ of: "contact" }), expect: lists("id", "custom_attributes.plan") },
  {
    tool: "create_contact",
    args: () => ({ set: { email: "ada@example.org", name: "Ada", custom_attributes: { seats: 3 } } }),
    expect: (answer) => {
      applied(1)(answer);
      assert.match(answer.created, /^[0-9a-f]{24}$/);
    },
  },
  {
    tool: "update_contact",
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
    args: () => ({
      contacts: [emma, "external_id:u-10003"],
      set: { custom_attributes: { tier: "gold" }, add_tags: ["Champion"] },
    }),
    expect: applied(2),
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
  { tool: "list_tags", args: () => ({}), expect: lists("name", "VIP") },
  { tool: "tag_contacts", args: () => ({ contacts: [emma], tag: "VIP" }), expect: applied(1) },
  {
    tool: "tag_contacts",
    about: "unknown tag",
    args: () => ({ contacts: [emma], tag: "VIPP" }),
    error: "unknown_tag",
  },
  { tool: "untag_contacts", args: () => ({ contacts: [emma], tag: "Press" }), expect: applied(1) },
  { tool: "add_note", args: () => ({ contact: emma, body: "Prefers mornings." }), expect: applied(1) },
  {
    tool: "list_notes",
    args: () => ({ contact: emma }),
    expect: (answer) => assert.ok(answer.rows.length > 0),
  },
  { tool: "find_companies", args: () => ({ query: "acme" }), expect: lists("name", "Acme Inc") },
  {
    tool: "get_company",
    args: () => ({ company: "company_id:acme" }),
    expect: (answer) => assert.equal(answer.name, "Acme Inc"),
  },
  {
    tool: "list_company_contacts",
    args: () => ({ company: "Acme Inc", fields: ["companies"], limit: 50 }),
    expect: (answer) => assert.equal(answer.rows.length, 50),
  },
  {
    tool: "save_company",
    args: () => ({ company: "company_id:interop", set: { name: "Interop Ltd" } }),
    expect: (answer) => assert.match(answer.created, /^[0-9a-f]{24}$/),
  },
  { tool: "attach_company", args: () => ({ contacts: ["external_id:u-10290"], company: "Acme Inc" }), expect: applied(1) },
  { tool: "detach_company", args: () => ({ contacts: [emma], company: "Acme Inc" }), expect: applied(1) },
  { tool: "archive_contacts", args: () => ({ contacts: ["external_id:u-10011"] }), expect: applied(1) },
  {
    tool: "unarchive_contacts",
    about: "somebody who is not archived",
    args: () => ({ contacts: ["external_id:u-10012"] }),
    expect: (answer) => assert.equal(answer.unchanged, 1),
  },
  { tool: "list_segments", args: () => ({}), expect: lists("name", "On trial") },
];

// changeCalls go on with the changes that plainCalls made or left waiting.
export const changeCalls = [
  {
    tool: "list_changes",
    args: () => ({ status: "awaiting" }),
    expect: (answer, { identity, many }) => {
      assert.deepEqual(answer.rows.map((row) => row[0]).sort(), [identity, many].sort());
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
