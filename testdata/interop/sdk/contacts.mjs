// The library's resource of contacts.
import { strict as assert } from "node:assert";

// all reads every page that the library's own pagination finds.
export async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

// refused wants an error of a status, and returns its first entry.
export async function refused(promise, status) {
  const err = await promise.then(
    () => assert.fail(`was not refused with ${status}`),
    (err) => err,
  );
  assert.equal(err.statusCode, status, String(err));
  assert.equal(err.body.type, "error.list");
  return { err, ...err.body.errors[0] };
}

export async function checks(check, client) {
  const { contacts } = client;
  const user = await check("contacts.create a user", async () => {
    const contact = await contacts.create({
      external_id: "sdk-1",
      email: "sdk@mail.example",
      name: "Sdk User",
      phone: "+353871234567",
      signed_up_at: 1700000000,
      custom_attributes: { plan: "trial" },
    });
    assert.equal(contact.type, "contact");
    assert.equal(contact.role, "user");
    assert.equal(contact.signed_up_at, 1700000000);
    assert.deepEqual(contact.custom_attributes, { plan: "trial" });
    assert.deepEqual(contact.tags.data, []);
    return contact;
  });
  await check("contacts.create the same user again", async () => {
    const { code, message, err } = await refused(contacts.create({ external_id: "sdk-1" }), 409);
    assert.equal(err.constructor.name, "IntercomError");
    assert.equal(code, "conflict");
    assert.match(message, new RegExp(`exists with id=${user.id}$`));
  });
  const lead = await check("contacts.create a lead", async () => {
    const contact = await contacts.create({ role: "lead", name: "Sdk Lead" });
    assert.equal(contact.role, "lead");
    assert.equal(contact.external_id, null);
    return contact;
  });
  await check("contacts.find", async () => {
    const contact = await contacts.find({ contact_id: user.id });
    assert.equal(contact.email, "sdk@mail.example");
    assert.equal(contact.phone, "+353871234567");
  });
  await check("contacts.showContactByExternalId", async () => {
    assert.equal((await contacts.showContactByExternalId({ external_id: "sdk-1" })).id, user.id);
    const odd = await contacts.showContactByExternalId({ external_id: "crm/Acme Ltd@42?x=1" });
    assert.equal(odd.name, "Path Walker");
  });
  await check("contacts.update", async () => {
    const contact = await contacts.update({
      contact_id: user.id,
      name: "Renamed",
      owner_id: 991267464,
      unsubscribed_from_emails: true,
      custom_attributes: { plan: "pro" },
    });
    assert.equal(contact.name, "Renamed");
    assert.equal(contact.owner_id, 991267464);
    assert.equal(contact.unsubscribed_from_emails, true);
    assert.equal(contact.custom_attributes.plan, "pro");
    assert.equal((await contacts.find({ contact_id: user.id })).email, "sdk@mail.example");
  });
  await lists(check, contacts, user);
  await lifecycle(check, contacts, user, lead);
}

// lists reads and searches, page by page.
async function lists(check, contacts, user) {
  await check("contacts.list", async () => {
    const page = await contacts.list({ per_page: 150 });
    const total = page.response.total_count;
    assert.equal(page.data.length, 150);
    assert.equal(page.hasNextPage(), true);
    const first = page.data[0].id;
    assert.notEqual((await page.getNextPage()).data[0].id, first);
    const ids = (await all(await contacts.list({ per_page: 70 }))).map((contact) => contact.id);
    assert.equal(ids.length, total);
    assert.equal(new Set(ids).size, total);
    assert.ok(ids.includes(user.id));
  });
  await check("contacts.search a filter", async () => {
    const page = await contacts.search({ query: { field: "email", operator: "=", value: "sdk@mail.example" } });
    assert.deepEqual(page.data.map((contact) => contact.id), [user.id]);
    assert.equal(page.hasNextPage(), false);
  });
  await check("contacts.search a group, over pages", async () => {
    const page = await contacts.search({
      query: {
        operator: "AND",
        value: [
          { field: "role", operator: "=", value: "user" },
          { field: "created_at", operator: ">", value: "1" },
        ],
      },
      pagination: { per_page: 100 },
    });
    const { total_count: total } = page.response;
    const users = await all(page);
    assert.ok(total > 200);
    assert.equal(users.length, total);
    assert.ok(users.every((contact) => contact.role === "user"));
  });
}

// lifecycle archives, merges, blocks and deletes.
async function lifecycle(check, contacts, user, lead) {
  await check("contacts.archive", async () => {
    const answer = await contacts.archive({ contact_id: user.id });
    assert.deepEqual(answer, { type: "contact", id: user.id, external_id: "sdk-1", archived: true });
  });
  await check("contacts.unarchive", async () => {
    assert.equal((await contacts.unarchive({ contact_id: user.id })).archived, false);
    assert.equal((await contacts.find({ contact_id: user.id })).name, "Renamed");
  });
  await check("contacts.mergeLeadInUser", async () => {
    assert.equal((await contacts.mergeLeadInUser({ from: lead.id, into: user.id })).id, user.id);
    await refused(contacts.find({ contact_id: lead.id }), 404);
  });
  await check("contacts.blockContact", async () => {
    const { id } = await contacts.create({ role: "lead", name: "Unwanted" });
    assert.equal((await contacts.blockContact({ contact_id: id })).blocked, true);
  });
  await check("contacts.delete", async () => {
    const { id } = await contacts.create({ role: "lead", name: "Gone" });
    const answer = await contacts.delete({ contact_id: id });
    assert.equal(answer.id, id);
    assert.equal(answer.deleted, true);
    await refused(contacts.find({ contact_id: id }), 404);
  });
}

// relations are the methods about what belongs to a contact.
export async function relations(check, client) {
  const { contacts } = client;
  const consultant = await contacts.showContactByExternalId({ external_id: "consultant-12" });
  await check("contacts.listAttachedCompanies", async () => {
    const page = await contacts.listAttachedCompanies({ contact_id: consultant.id, per_page: 5 });
    // The library reads companies, where Intercom's examples have data.
    assert.deepEqual(page.data, []);
    assert.equal(page.response.data.length, 5);
    assert.equal(page.response.total_count, 12);
  });
  await check("contacts.listAttachedTags", async () => {
    const [tagged] = (await contacts.search({ query: { field: "tag_id", operator: "=", value: "7522901" } })).data;
    const { data } = await contacts.listAttachedTags({ contact_id: tagged.id });
    assert.ok(data.some((tag) => tag.id === "7522901" && tag.name === "VIP" && tag.applied_by.type === "admin"));
  });
  await check("contacts.listAttachedSegments", async () => {
    const { data } = await contacts.listAttachedSegments({ contact_id: consultant.id });
    assert.ok(data.length > 0 && data.every((segment) => segment.type === "segment"));
  });
  const types = await client.subscriptionTypes.list();
  const optIn = types.data.find((type) => type.consent_type === "opt_in");
  await check("contacts.attachSubscription", async () => {
    const answer = await contacts.attachSubscription({ contact_id: consultant.id, id: optIn.id, consent_type: "opt_in" });
    assert.equal(answer.id, optIn.id);
  });
  await check("contacts.listAttachedSubscriptions", async () => {
    const { data } = await contacts.listAttachedSubscriptions({ contact_id: consultant.id });
    assert.ok(data.some((type) => type.id === optIn.id));
  });
  await check("contacts.detachSubscription", async () => {
    await contacts.detachSubscription({ contact_id: consultant.id, subscription_id: optIn.id });
    const { data } = await contacts.listAttachedSubscriptions({ contact_id: consultant.id });
    assert.ok(!data.some((type) => type.id === optIn.id));
  });
}
