// The library's unstable resources, which have names and paths of their own.
import { strict as assert } from "node:assert";
import { IntercomError } from "intercom-client";

import { refused } from "./contacts.mjs";

export async function unstable(check, client) {
  await contacts(check, client);
  await companies(check, client);
  await others(check, client);
  await attributes(check, client);
}

async function contacts(check, { contacts }) {
  const user = await check("contacts.createContact", async () => {
    const made = await contacts.createContact({ external_id: "sdk-1", email: "sdk@mail.example", language_override: "de" });
    assert.equal(made.formatted_phone, null);
    assert.equal(made.language_override, "de");
    return made;
  });
  await check("contacts.updateContact", async () => {
    const updated = await contacts.updateContact({ id: user.id, name: "Sdk", owner_id: 991267464 });
    assert.equal(updated.name, "Sdk");
    assert.equal(updated.owner_id, "991267464");
  });
  await check("contacts.showContact", async () => {
    assert.equal((await contacts.showContact({ id: user.id })).name, "Sdk");
    assert.equal((await contacts.showContactByExternalId({ external_id: "sdk-1" })).id, user.id);
  });
  await check("contacts.listContacts", async () => {
    const { data, pages } = await contacts.listContacts();
    assert.equal(data.length, pages.per_page);
    assert.ok(pages.next.starting_after);
  });
  await check("contacts.searchContacts", async () => {
    const { data } = await contacts.searchContacts({ query: { field: "external_id", operator: "=", value: "sdk-1" } });
    assert.deepEqual(data.map((contact) => contact.id), [user.id]);
  });
  await check("contacts.mergeContact", async () => {
    const lead = await contacts.createContact({ role: "lead", email: "sdk@mail.example" });
    assert.equal((await contacts.mergeContact({ from: lead.id, into: user.id })).id, user.id);
    const { code, err } = await refused(contacts.showContact({ id: lead.id }), 410);
    assert.equal(code, "contact_merged");
    assert.equal(err.rawResponse.headers.get("link"), `</contacts/${user.id}>; rel="canonical"`);
  });
  await check("contacts.archiveContact and unarchiveContact", async () => {
    assert.equal((await contacts.archiveContact({ id: user.id })).archived, true);
    assert.equal((await contacts.unarchiveContact({ id: user.id })).archived, false);
  });
  await check("contacts.blockContact", async () => {
    const { id } = await contacts.createContact({ role: "lead" });
    assert.equal((await contacts.blockContact({ id })).blocked, true);
  });
  await check("contacts.deleteContact", async () => {
    assert.equal((await contacts.deleteContact({ id: user.id })).deleted, true);
    await refused(contacts.showContact({ id: user.id }), 404);
  });
  const { id } = await contacts.showContactByExternalId({ external_id: "consultant-12" });
  await check("contacts.list... for a contact", async () => {
    assert.equal((await contacts.listCompaniesForAContact({ id })).total_count, 12);
    assert.equal((await contacts.listTagsForAContact({ contact_id: id })).type, "list");
    assert.ok((await contacts.listSegmentsForAContact({ contact_id: id })).data.length > 0);
    assert.equal((await contacts.listSubscriptionsForAContact({ contact_id: id })).type, "list");
  });
}

async function companies(check, { companies, contacts, notes }) {
  const company = await check("companies.createOrUpdateCompany", async () => {
    const made = await companies.createOrUpdateCompany({ company_id: "sdk-co", name: "Sdk Ltd" });
    assert.equal(made.notes.type, "note.list");
    return made;
  });
  await check("companies.retrieveACompanyById", async () => {
    assert.equal((await companies.retrieveACompanyById({ id: company.id })).name, "Sdk Ltd");
  });
  await check("companies.retrieveCompany", async () => {
    const found = await companies.retrieveCompany({ company_id: "sdk-co" });
    assert.equal((found.type === "list" ? found.data[0] : found).id, company.id);
  });
  await check("companies.updateCompany", async () => {
    assert.equal((await companies.updateCompany({ id: company.id })).name, "Sdk Ltd");
  });
  const { id: contact } = await contacts.showContactByExternalId({ external_id: "consultant-12" });
  await check("companies.attachContactToACompany", async () => {
    // The library sends company_id, which no version of the API describes.
    const attach = companies.attachContactToACompany({ id: contact, company_id: company.id });
    assert.equal((await refused(attach, 400)).code, "parameter_not_found");
  });
  const [attached] = (await contacts.listCompaniesForAContact({ id: contact })).data;
  await check("companies.listAttached...", async () => {
    const { data } = await companies.listAttachedContacts({ id: attached.id });
    assert.ok(data.some((one) => one.id === contact));
    assert.equal((await companies.listAttachedSegmentsForCompanies({ id: attached.id })).type, "list");
  });
  await check("companies.detachContactFromACompany", async () => {
    assert.equal((await companies.detachContactFromACompany({ contact_id: contact, id: attached.id })).id, attached.id);
    const { data } = await contacts.listCompaniesForAContact({ id: contact });
    assert.ok(!data.some((one) => one.id === attached.id));
  });
  await check("companies.listAllCompanies and scrollOverAllCompanies", async () => {
    const { total_count: total } = await companies.listAllCompanies({ page: 1, per_page: 1 });
    const scrolled = await companies.scrollOverAllCompanies();
    assert.equal(scrolled.data.length, total);
    assert.equal(scrolled.total_count, null);
  });
  await check("notes.listCompanyNotes", async () => {
    assert.equal((await notes.listCompanyNotes({ id: company.id })).total_count, 0);
  });
  await check("companies.deleteCompany", async () => {
    assert.equal((await companies.deleteCompany({ id: company.id })).deleted, true);
  });
}

async function others(check, { admins, contacts, notes, segments, subscriptionTypes, tags }) {
  const { id: contact } = await contacts.showContactByExternalId({ external_id: "consultant-12" });
  const tag = await check("tags.createTag", async () => {
    const made = await tags.createTag({ name: "Sdk", users: [{ id: contact }, { id: "ffffffffffffffffffffffff" }] });
    assert.deepEqual(made.users, [{ id: contact, tagged: true }]);
    return made;
  });
  await check("tags.attachTagToContact and detachTagFromContact", async () => {
    assert.equal((await tags.detachTagFromContact({ contact_id: contact, id: tag.id })).id, tag.id);
    assert.equal((await tags.attachTagToContact({ contact_id: contact, id: tag.id })).applied_by.type, "admin");
  });
  await check("tags.findTag, listTags and deleteTag", async () => {
    assert.equal((await tags.findTag({ id: tag.id })).name, "Sdk");
    assert.ok((await tags.listTags()).data.some((one) => one.id === tag.id));
    await tags.deleteTag({ id: tag.id });
    await refused(tags.findTag({ id: tag.id }), 404);
  });
  await check("notes.createNote, listNotes and retrieveNote", async () => {
    const note = await notes.createNote({ id: contact, body: "Hello" });
    assert.equal((await notes.listNotes({ id: contact })).data[0].id, note.id);
    assert.equal((await notes.retrieveNote({ id: note.id })).body, "<p>Hello</p>");
  });
  await check("subscriptionTypes", async () => {
    const { data } = await subscriptionTypes.listSubscriptionTypes();
    const { id, consent_type } = data[0];
    assert.equal((await subscriptionTypes.attachSubscriptionTypeToContact({ contact_id: contact, id, consent_type })).id, id);
    assert.equal((await subscriptionTypes.detachSubscriptionTypeToContact({ contact_id: contact, id })).id, id);
  });
  await check("segments", async () => {
    const [first] = (await segments.listSegments()).segments;
    assert.equal((await segments.retrieveSegment({ id: first.id })).id, first.id);
  });
  await check("admins", async () => {
    const me = await admins.identifyAdmin();
    assert.ok((await admins.listAdmins()).admins.some((one) => one.id === me.id));
    assert.equal((await admins.retrieveAdmin({ id: me.id })).role.type, "role");
    assert.equal((await admins.setAwayAdmin({ id: me.id, away_mode_enabled: true, away_mode_reassign: false })).away_mode_enabled, true);
  });
}

async function attributes(check, { dataAttributes }) {
  await check("dataAttributes", async () => {
    const { data } = await dataAttributes.lisDataAttributes({ model: "contact" });
    assert.ok(data.some((one) => one.name === "last_seen_at" && one.data_type === "datetime"));
    const { code, err } = await refused(dataAttributes.lisDataAttributes({ model: "conversation" }), 422);
    assert.ok(err instanceof IntercomError);
    assert.equal(code, "parameter_invalid");
  });
}
