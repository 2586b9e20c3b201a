// The library's smaller resources.
import { strict as assert } from "node:assert";

import { all, refused } from "./contacts.mjs";

export async function checks(check, client) {
  const { id: contact } = await client.contacts.showContactByExternalId({ external_id: "consultant-12" });
  await tags(check, client, contact);
  await notes(check, client, contact);
  await admins(check, client);
  await dataAttributes(check, client);
  await check("segments.list", async () => {
    const plain = await client.segments.list();
    assert.equal(plain.type, "segment.list");
    assert.ok(plain.segments.every((segment) => segment.count === undefined));
    const counted = await client.segments.list({ include_count: true });
    assert.ok(counted.segments.some((segment) => segment.count > 0));
  });
  await check("segments.find", async () => {
    const { segments } = await client.segments.list();
    assert.equal((await client.segments.find({ segment_id: segments[0].id })).name, segments[0].name);
  });
  await check("subscriptionTypes.list", async () => {
    const { data } = await client.subscriptionTypes.list();
    assert.ok(data.length > 0 && data.every((type) => type.type === "subscription" && type.default_translation.name));
  });
}

async function tags(check, { tags, companies }, contact) {
  const tag = await check("tags.create", async () => {
    const made = await tags.create({ name: "Sdk tag" });
    assert.equal((await tags.create({ name: "sdk TAG" })).id, made.id);
    assert.equal((await tags.create({ id: made.id, name: "Sdk renamed" })).name, "Sdk renamed");
    return made;
  });
  await check("tags.create for users and companies", async () => {
    const { data } = await companies.list({ per_page: 1 });
    await tags.create({ name: "Sdk many", users: [{ id: contact }] });
    await tags.create({ name: "Sdk many", companies: [{ id: data[0].id }] });
    const tagged = (await companies.find({ company_id: data[0].id })).tags.tags;
    assert.ok(tagged.some((one) => one.name === "Sdk many"));
    await tags.create({ name: "Sdk many", companies: [{ id: data[0].id, untag: true }] });
    assert.ok(!(await companies.find({ company_id: data[0].id })).tags.tags.some((one) => one.name === "Sdk many"));
    const nobody = tags.create({ name: "Sdk many", users: [{ id: "ffffffffffffffffffffffff" }] });
    assert.equal((await refused(nobody, 404)).code, "not_found");
  });
  await check("tags.find", async () => {
    assert.deepEqual(await tags.find({ tag_id: tag.id }), { type: "tag", id: tag.id, name: "Sdk renamed" });
  });
  await check("tags.list", async () => {
    const { type, data } = await tags.list();
    assert.equal(type, "list");
    assert.ok(data.some((one) => one.id === tag.id) && data.some((one) => one.name === "VIP"));
  });
  await check("tags.tagContact", async () => {
    const answer = await tags.tagContact({ contact_id: contact, id: tag.id });
    assert.equal(answer.name, "Sdk renamed");
    assert.equal(answer.applied_by.type, "admin");
  });
  await check("tags.untagContact", async () => {
    assert.equal((await tags.untagContact({ contact_id: contact, tag_id: tag.id })).id, tag.id);
  });
  await check("tags.delete", async () => {
    await tags.delete({ tag_id: tag.id });
    await refused(tags.find({ tag_id: tag.id }), 404);
    assert.equal((await refused(tags.delete({ tag_id: "7522901" }), 400)).code, "tag_has_dependent_objects");
  });
}

async function notes(check, { notes, admins }, contact) {
  const me = await admins.identify();
  const note = await check("notes.create", async () => {
    const made = await notes.create({ contact_id: contact, body: "Hello", admin_id: me.id });
    assert.equal(made.body, "<p>Hello</p>");
    assert.equal(made.author.id, me.id);
    assert.equal(made.contact.id, contact);
    return made;
  });
  await check("notes.find", async () => {
    assert.equal((await notes.find({ note_id: note.id })).body, note.body);
  });
  await check("notes.list", async () => {
    await notes.create({ contact_id: contact, body: "Again" });
    const page = await notes.list({ contact_id: contact, per_page: 1 });
    const total = page.response.total_count;
    const all_ = (await all(page)).map((one) => one.body);
    assert.equal(all_.length, total);
    assert.deepEqual(all_.slice(0, 2), ["<p>Again</p>", "<p>Hello</p>"]);
  });
}

async function admins(check, { admins }) {
  await check("admins.identify", async () => {
    const me = await admins.identify();
    assert.equal(me.type, "admin");
    assert.equal(me.app.region, "US");
    assert.equal(me.app.type, "app");
  });
  const admin = await check("admins.list", async () => {
    const list = await admins.list();
    assert.equal(list.type, "admin.list");
    return list.admins[1];
  });
  await check("admins.find", async () => {
    assert.equal((await admins.find({ admin_id: admin.id })).email, admin.email);
    assert.equal((await refused(admins.find({ admin_id: 1 }), 404)).code, "admin_not_found");
  });
  await check("admins.away", async () => {
    const away = await admins.away({ admin_id: admin.id, away_mode_enabled: true, away_mode_reassign: true });
    assert.equal(away.away_mode_enabled, true);
    assert.equal(away.away_mode_reassign, true);
  });
}

async function dataAttributes(check, { dataAttributes }) {
  await check("dataAttributes.list", async () => {
    const has = async (request) => (await dataAttributes.list(request)).data.some((one) => one.name === "legacy_code");
    assert.equal(await has({ model: "contact" }), false);
    assert.equal(await has({ model: "contact", include_archived: true }), true);
    assert.equal(await has({ model: "company", include_archived: true }), false);
  });
}
