// The library's resource of companies.
import { strict as assert } from "node:assert";

import { all, refused } from "./contacts.mjs";

export async function checks(check, client) {
  const { companies, contacts } = client;
  const company = await check("companies.createOrUpdate", async () => {
    const made = await companies.createOrUpdate({ company_id: "sdk-co", name: "Sdk Ltd", plan: "Pro", size: 5, website: "https://sdk.example" });
    assert.equal(made.company_id, "sdk-co");
    assert.equal(made.plan.name, "Pro");
    const again = await companies.createOrUpdate({ company_id: "sdk-co", industry: "Tools" });
    assert.equal(again.id, made.id);
    assert.equal(again.name, "Sdk Ltd");
    assert.equal(again.industry, "Tools");
    return made;
  });
  await check("companies.find", async () => {
    const found = await companies.find({ company_id: company.id });
    assert.equal(found.type, "company");
    assert.equal(found.size, 5);
  });
  await check("companies.update", async () => {
    const updated = await companies.update({ company_id: company.id, body: { name: "Sdk plc", monthly_spend: 700 } });
    assert.equal(updated.name, "Sdk plc");
    assert.equal(updated.monthly_spend, 700);
  });
  const { id: contact } = await contacts.showContactByExternalId({ external_id: "consultant-12" });
  await check("companies.attachContact", async () => {
    const answer = await companies.attachContact({ contact_id: contact, id: company.id });
    assert.equal(answer.id, company.id);
    assert.equal(answer.user_count, 1);
  });
  await check("companies.listAttachedContacts", async () => {
    const { data, total_count: total } = await companies.listAttachedContacts({ company_id: company.id });
    assert.deepEqual(data.map((one) => one.id), [contact]);
    assert.equal(total, 1);
  });
  await check("companies.listAttachedSegments", async () => {
    assert.deepEqual((await companies.listAttachedSegments({ company_id: company.id })).data, []);
  });
  await lists(check, companies, company);
  await check("companies.detachContact", async () => {
    assert.equal((await companies.detachContact({ contact_id: contact, company_id: company.id })).user_count, 0);
  });
  await check("companies.delete", async () => {
    assert.deepEqual(await companies.delete({ company_id: company.id }), { id: company.id, object: "company", deleted: true });
    assert.equal((await refused(companies.find({ company_id: company.id }), 404)).code, "company_not_found");
  });
}

// lists reads companies, page by page and by scrolling.
async function lists(check, companies, company) {
  await check("companies.retrieve", async () => {
    const byName = await companies.retrieve({ name: "Sdk plc" });
    const [found] = byName.type === "list" ? byName.data : [byName];
    assert.equal(found.id, company.id);
    const page = await companies.retrieve({ page: 2, per_page: 5 });
    assert.equal(page.data.length, 5);
    assert.equal(page.pages.page, 2);
  });
  await check("companies.list", async () => {
    const page = await companies.list({ per_page: 15 });
    const total = page.response.total_count;
    const ids = (await all(page)).map((one) => one.id);
    assert.ok(total > 30);
    assert.equal(new Set(ids).size, total);
    assert.ok(ids.includes(company.id));
  });
  await check("companies.scroll", async () => {
    const ids = [];
    let page = await companies.scroll();
    assert.equal((await refused(companies.scroll(), 400)).code, "scroll_exists");
    // The library's own iteration would go on for ever: it stops at a missing
    // scroll_param, while Intercom ends a scroll with an empty batch.
    while (page.data.length > 0) {
      ids.push(...page.data.map((one) => one.id));
      page = await page.getNextPage();
    }
    assert.ok(ids.length > 30);
    assert.equal(new Set(ids).size, ids.length);
  });
}
