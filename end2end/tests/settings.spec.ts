// The organization's settings: what an administrator sees there, and what somebody with fewer permissions does. What
// they change: settings-changes.spec.ts and settings-members.spec.ts. What fails or is slow: settings-states.spec.ts.
import { type Page } from '@playwright/test';
import { ACME } from './fixtures.ts';
import { expect, openSettings, row, section, SECTIONS, SETTINGS, settled, test } from './settings.ts';

/** The permissions that a section says are missing. */
function missing(page: Page, title: string) {
  return section(page, title).locator('.state code');
}

test('an administrator sees all seven sections, with what is in them', async ({ page }) => {
  await openSettings(page, 'Ada');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Acme Corp');
  await expect(page).toHaveTitle(/^Organization · /);
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText(SECTIONS.map(([title]) => title));
  const links = page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
  await expect(links).toHaveText(SECTIONS.map(([title]) => title));

  const profile = section(page, 'Profile');
  for (const text of ['org_59615193906282635', 'acme', 'tenant_1042', 'EU', '2 Jun 2025']) {
    await expect(profile.locator('.facts')).toContainText(text);
  }
  await expect(profile.getByRole('switch')).toHaveCount(4);

  const members = section(page, 'Members');
  await expect(members.locator('.row')).toHaveCount(10);
  await expect(row(members, 'ada@acme.example')).toContainText('You');
  await expect(row(members, 'ada@acme.example')).toContainText('Administrator');
  await expect(row(members, 'max@acme.example').getByLabel('Role of Max Member')).toHaveValue('member');
  await expect(members.getByRole('navigation', { name: 'Pages of members' })).toContainText(/\d+ members/);

  const roles = section(page, 'Roles');
  await expect(roles.locator('.row-title code')).toHaveText(['admin', 'manager', 'member']);
  await expect(row(roles, 'Runs the organization')).toContainText('All that Manager may, and:');
  await expect(row(roles, 'Runs the organization')).toContainText('sk_org_sso_manage');
  await expect(row(roles, "Reads the workspace's data")).toContainText('New members');

  const connection = row(section(page, 'Single sign-on'), 'Okta (SAML)');
  await expect(connection).toContainText('Set up');
  await expect(connection).toContainText('conn_59615210314400908');
  await expect(connection).toContainText('acme.example');
  await expect(section(page, 'Single sign-on').getByRole('button', { name: 'Open the admin portal' })).toBeVisible();

  const directory = row(section(page, 'Directory sync'), 'Okta directory');
  await expect(directory).toContainText('Last synchronized');
  await expect(directory).toContainText('6 people, 3 groups');
  await directory.locator('summary').filter({ hasText: 'People' }).click();
  await expect(directory.getByRole('listitem').filter({ hasText: 'Ayesha Rahman' })).toBeVisible();
  await directory.locator('summary').filter({ hasText: 'Groups' }).click();
  await expect(directory.getByRole('listitem').filter({ hasText: 'Engineering' })).toContainText('4 people');

  await expect(row(section(page, 'Domains'), 'acme.example')).toContainText('Verified');

  const policy = section(page, 'Session policy').locator('.facts');
  await expect(policy).toContainText("The application's");
  await expect(policy).toContainText('30 days');
  await expect(policy).toContainText('7 days');
});

test('the links at the top lead to the sections', async ({ page }) => {
  await openSettings(page, 'Ada');

  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Session policy' }).click();

  await expect(page).toHaveURL(/#session-policy$/);
  await expect(section(page, 'Session policy').getByRole('heading')).toBeInViewport();
});

test('each section has a page of its own, which leads back to all', async ({ page }) => {
  await openSettings(page, 'Ada', `${SETTINGS}/profile`);

  for (const [title, path] of SECTIONS) {
    await page.goto(`${SETTINGS}/${path}`);
    await settled(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expect(page.getByRole('heading', { level: 2 })).toHaveText([title]);
    await expect(page).toHaveTitle(new RegExp(`^${title} · `));
  }

  await page.getByRole('main').getByRole('link', { name: 'Organization' }).click();
  await expect(page).toHaveURL(SETTINGS);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Session policy');
});

test('an organization that has set up nothing is told so, and what to do', async ({ page }) => {
  await openSettings(page, 'Olga');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Globex');
  await expect(section(page, 'Profile').locator('.facts div').filter({ hasText: 'External ID' })).toContainText('None');
  const connection = row(section(page, 'Single sign-on'), 'Google (OIDC)');
  await expect(connection).toContainText('Being set up');
  await expect(connection).toContainText('Off');
  await expect(connection.getByRole('switch'), 'what is not set up cannot be used').toHaveCount(0);
  await expect(section(page, 'Directory sync')).toContainText('No directory is connected.');
  await expect(page.getByRole('main'), 'nothing of another organization').not.toContainText(/acme|okta/i);
});

test('a manager sees what managers may see, and is told which permissions the rest takes', async ({ page }) => {
  await openSettings(page, 'Ayesha');

  await expect(section(page, 'Profile').locator('.facts')).toContainText('org_59615193906282635');
  await expect(section(page, 'Members').locator('.row')).toHaveCount(10);
  await expect(section(page, 'Roles').locator('.row')).toHaveCount(3);
  await expect(row(section(page, 'Domains'), 'acme.example')).toContainText('Verified');

  for (const [title, permission, secret] of [
    ['Single sign-on', 'sk_org_sso_read', 'conn_59615210314400908'],
    ['Directory sync', 'sk_org_scim_read', 'Okta directory'],
    ['Session policy', 'sk_org_session_policy_read', '30 days'],
  ] as const) {
    await expect(missing(page, title)).toHaveText([permission]);
    await expect(section(page, title)).toContainText('You may not see this.');
    expect(await page.content(), `nothing of "${title}" is in the page`).not.toContain(secret);
  }
});

test('a manager finds no button for what managers may not do', async ({ page }) => {
  await openSettings(page, 'Ayesha');

  const main = page.getByRole('main');
  const members = section(page, 'Members');
  await expect(members.locator('summary')).toHaveText(['Invite …']);
  await expect(members.getByRole('combobox', { includeHidden: true }).and(page.locator('[id^="role-of-"]'))).toHaveCount(0);
  await expect(main.getByRole('switch', { includeHidden: true })).toHaveCount(0);
  await expect(section(page, 'Profile').locator('.row .badge')).toHaveText(['On', 'On', 'On', 'On']);
  // Looking for members, and inviting them: there is no other form.
  const forms = await main.locator('form').evaluateAll((forms) => forms.map((form) => form.getAttribute('action')));
  expect(forms).toEqual([`${SETTINGS}/members`, `${SETTINGS}/invite-member?organization=${ACME}`]);
});

test('a manager who asks for what managers may not do is refused by the server', async ({ page, servers }) => {
  await openSettings(page, 'Ayesha');
  const headers = { accept: 'application/json', origin: servers.app };

  for (const [path, form, permission] of [
    ['change-role', { member: 'usr_63261027545843210', role: 'admin' }, 'sk_org_users_role_change'],
    ['remove-member', { member: 'usr_63261027545843210' }, 'sk_org_users_delete'],
    ['set-feature', { name: 'sso', enabled: 'false' }, 'sk_org_settings_manage'],
    ['switch-connection', { connection: 'conn_59615210314400908', enabled: 'false' }, 'sk_org_sso_manage'],
    ['set-session-policy', { source: 'application' }, 'sk_org_session_policy_manage'],
  ] as const) {
    const answer = await page.request.post(`${SETTINGS}/${path}`, { form, headers });

    expect(answer.status(), path).toBe(403);
    const { missing } = (await answer.json()) as { missing: unknown };
    expect(JSON.stringify(missing), path).toContain(permission);
  }
});

test('the page of a section that somebody may not see says which permission is missing', async ({ page, allowConsole }) => {
  allowConsole(/status of 403/);
  await openSettings(page, 'Ayesha');

  const answer = await page.goto(`${SETTINGS}/single-sign-on`);

  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('main')).toContainText('sk_org_sso_read');
  await expect(page.getByRole('main')).not.toContainText('conn_');
});
