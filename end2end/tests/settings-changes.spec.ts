// What an administrator changes about an organization, besides its people. With scripts and without. Everything is put
// back: the tests of a worker share the organization.
import { randomUUID } from 'node:crypto';
import { type Locator } from '@playwright/test';
import {
  expect,
  expectSwitch,
  expectTold,
  openSettings,
  row,
  scripted,
  section,
  SETTINGS,
  settled,
  test,
  unfold,
} from './settings.ts';

test('the profile is edited, and edited back', async ({ page }) => {
  await openSettings(page, 'Ada');
  const profile = section(page, 'Profile');
  const save = async (values: Record<string, string>) => {
    await unfold(profile, 'Edit the profile');
    for (const [label, value] of Object.entries(values)) await profile.getByLabel(label, { exact: true }).fill(value);
    await profile.getByRole('button', { name: 'Save' }).click();
    await expectTold(page, 'The profile is saved.');
  };

  const logo = 'https://acme.example/logo.svg';
  await save({ Name: 'Acme & Söhne', Slug: 'acme-soehne', 'External ID': '', 'Logo (https address)': logo });

  await expect(profile.locator('.facts')).toContainText('acme-soehne');
  await expect(profile.locator('.facts div').filter({ hasText: 'External ID' })).toContainText('None');
  await page.reload();
  await settled(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Acme & Söhne');
  await expect(profile.getByLabel('Logo (https address)')).toHaveValue(logo);

  await save({ Name: 'Acme Corp', Slug: 'acme', 'External ID': 'tenant_1042', 'Logo (https address)': '' });
  await expect(profile.locator('.facts')).toContainText('tenant_1042');
});

test('a slug that another organization has is not taken from it', async ({ page, allowConsole }) => {
  allowConsole(/status of 409/);
  await openSettings(page, 'Ada', `${SETTINGS}/profile`);
  const profile = section(page, 'Profile');
  await unfold(profile, 'Edit the profile');
  await profile.getByLabel('Slug', { exact: true }).fill('globex');
  await profile.getByRole('button', { name: 'Save' }).click();

  await expectTold(page, 'That exists already. Choose something else.');
  await expect(profile.locator('.facts')).not.toContainText('globex');
});

const switches = [
  { title: 'Profile', name: 'Domain verification', told: 'The feature is switched.' },
  { title: 'Single sign-on', name: 'Sign in through Okta (SAML)', told: 'Single sign-on is switched.' },
  { title: 'Directory sync', name: 'Synchronize Okta directory', told: 'Directory sync is switched.' },
];

for (const { title, name, told } of switches) {
  test(`"${name}" is switched off, and on again`, async ({ page }) => {
    await openSettings(page, 'Ada');
    const place = section(page, title);
    await expectSwitch(place, name, true);

    for (const on of [false, true]) {
      await place.getByRole('switch', { name, exact: true }).click();
      await expectTold(page, told);
      await expectSwitch(place, name, on);
      // Not only shown: the provider says so too.
      await page.goto(scripted() ? SETTINGS : `${SETTINGS}?wait`);
      await settled(page);
      await expectSwitch(place, name, on);
    }
  });
}

/** Types a domain and sends it. */
async function add(domains: Locator, domain: string): Promise<void> {
  await domains.getByRole('textbox', { name: 'New domain' }).fill(domain);
  await domains.getByRole('button', { name: 'Add domain' }).click();
}

test('a domain is added, and removed after a question', async ({ page }) => {
  const name = `${randomUUID()}.example`;
  await openSettings(page, 'Ada');
  const domains = section(page, 'Domains');

  await add(domains, name);
  await expectTold(page, 'The domain is added. It counts once it is verified.');
  await expect(row(domains, name)).toContainText('To be verified');

  await expect(row(domains, name).getByRole('button', { name: 'Remove', exact: true })).toBeHidden();
  await unfold(row(domains, name), 'Remove …');
  await expect(row(domains, name).getByText(`Remove ${name}?`)).toBeVisible();
  await row(domains, name).getByRole('button', { name: 'Remove', exact: true }).click();
  await expectTold(page, 'The domain is removed.');
  await expect(row(domains, name)).toHaveCount(0);
  await expect(row(domains, 'acme.example')).toHaveCount(1);
});

for (const { domain, what, told } of [
  { domain: 'globex.example', what: 'another organization has', told: 'That exists already. Choose something else.' },
  {
    domain: 'gmail.com',
    what: 'anybody has an address of',
    told: 'That was not accepted. Check what you entered and try again.',
  },
]) {
  test(`a domain that ${what} is refused, and the page says why`, async ({ page, allowConsole }) => {
    allowConsole(/status of 4(09|22)/);
    await openSettings(page, 'Ada', `${SETTINGS}/domains`);
    const domains = section(page, 'Domains');

    await add(domains, domain);

    await expectTold(page, told);
    await expect(row(domains, domain)).toHaveCount(0);
  });
}

test('a domain that somebody else has removed meanwhile is told as that', async ({ page, context, allowConsole }) => {
  allowConsole(/status of 404/);
  const name = `${randomUUID()}.example`;
  await openSettings(page, 'Ada', `${SETTINGS}/domains`);
  const domains = section(page, 'Domains');
  await add(domains, name);
  const other = await context.newPage();
  await other.goto(`${SETTINGS}/domains`);
  const theirs = row(section(other, 'Domains'), name);
  await unfold(theirs, 'Remove …');
  await theirs.getByRole('button', { name: 'Remove', exact: true }).click();
  await expectTold(other, 'The domain is removed.');

  await unfold(row(domains, name), 'Remove …');
  await row(domains, name).getByRole('button', { name: 'Remove', exact: true }).click();

  await expectTold(page, 'That is no longer there. Somebody else may have removed it.');
});

/** Fills in the form of the session policy and sends it. */
async function set(policy: Locator, absolute: string, idle: string): Promise<void> {
  await unfold(policy, 'Change the policy');
  await policy.getByLabel('Ends at the latest after (minutes)').fill(absolute);
  await policy.getByLabel('Ends without use after (minutes; empty for never)').fill(idle);
  await policy.getByRole('button', { name: 'Save' }).click();
}

test('the session policy becomes stricter, loses its idle end, and is the application\'s again', async ({ page }) => {
  await openSettings(page, 'Ada');
  const policy = section(page, 'Session policy');
  const facts = policy.locator('.facts');

  await set(policy, '600', '60');
  await expectTold(page, 'The session policy is saved. It holds for new sessions.');
  await expect(facts.locator('dd')).toHaveText(["The organization's own", '10 h', '1 h']);

  await set(policy, '120', '');
  await expect(facts.locator('dd')).toHaveText(["The organization's own", '2 h', 'Does not matter']);

  await unfold(policy, 'Change the policy');
  await policy.getByRole('button', { name: "Use the application's policy" }).click();
  await expect(facts.locator('dd')).toHaveText(["The application's", '30 days', '7 days']);
  await expectTold(page, 'The session policy is saved. It holds for new sessions.');
});

test('a session policy that is too long is not sent, and if it is, not accepted', async ({ page, allowConsole }) => {
  allowConsole(/status of 422/);
  await openSettings(page, 'Ada', `${SETTINGS}/session-policy`);
  const policy = section(page, 'Session policy');
  const absolute = policy.getByLabel('Ends at the latest after (minutes)');

  await set(policy, '50000', '90');
  expect(await absolute.evaluate((input: HTMLInputElement) => input.validity.rangeOverflow)).toBe(true);
  await expect(page.getByRole('main').getByRole('status').filter({ hasText: /./ })).toHaveCount(0);

  // A browser that does not know the limit.
  await absolute.evaluate((input) => input.removeAttribute('max'));
  await policy.getByRole('button', { name: 'Save' }).click();
  await expectTold(page, 'That was not accepted. Check what you entered and try again.');
  await expect(policy.locator('.facts dd').first()).toHaveText("The application's");
});

test('a session policy whose idle end is later than its end is not accepted', async ({ page, allowConsole }) => {
  allowConsole(/status of 422/);
  await openSettings(page, 'Ada', `${SETTINGS}/session-policy`);
  const policy = section(page, 'Session policy');

  await set(policy, '60', '90');

  await expectTold(page, 'That was not accepted. Check what you entered and try again.');
  await expect(policy.locator('.facts dd').first()).toHaveText("The application's");
});

for (const { status, told } of [
  { status: 503, told: 'Scalekit does not answer right now. Look whether it has happened before you try again.' },
  { status: 429, told: 'Scalekit is busy right now. Try again in a moment; nothing has changed.' },
  {
    status: 403,
    told: 'Scalekit does not let this application do that. Whoever runs it must allow management API access.',
  },
]) {
  test(`a change that Scalekit answers with ${status} is told, and can be tried again`, async ({ page, fail, allowConsole }) => {
    allowConsole(/status of (429|50[23])/);
    const name = `${randomUUID()}.example`;
    await openSettings(page, 'Ada', `${SETTINGS}/domains`);
    const domains = section(page, 'Domains');

    await fail('domains', { fault: 'status', value: status });
    await add(domains, name);
    await expectTold(page, told);
    await fail('domains', null);

    if (!scripted()) await page.goto(`${SETTINGS}/domains`);
    await add(domains, name);
    await expectTold(page, 'The domain is added.');
    await unfold(row(domains, name), 'Remove …');
    await row(domains, name).getByRole('button', { name: 'Remove', exact: true }).click();
    await expectTold(page, 'The domain is removed.');
  });
}
