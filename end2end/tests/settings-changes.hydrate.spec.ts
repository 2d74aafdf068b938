// What scripts add where something is changed: it shows at once, in place, and goes back if it does not come to that.
import { type Page } from '@playwright/test';
import {
  changeElsewhere,
  expect,
  expectSwitch,
  expectTold,
  openSettings,
  section,
  SETTINGS,
  test,
  unfold,
} from './settings.ts';

const FEATURE = 'Session policy';

/** Keeps the answers of the server function at `path` from the page until they are let go. */
async function hold(page: Page, path: string): Promise<() => void> {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(`**${SETTINGS}/${path}?*`, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
}

/** Marks the document, so that a test sees whether it is still the same. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => (document.documentElement.dataset['marked'] = ''));
}

test('a switch shows at once how it is to be, and the page stays', async ({ page }) => {
  await openSettings(page, 'Ada');
  await mark(page);
  const profile = section(page, 'Profile');
  const letGo = await hold(page, 'set-feature');

  await profile.getByRole('switch', { name: FEATURE, exact: true }).click();
  await expectSwitch(profile, FEATURE, false);
  await expect(profile.locator('form[aria-busy]')).toHaveCount(1);
  await expect(profile.getByRole('status')).toHaveText('');
  letGo();

  await expect(profile.getByRole('status')).toHaveText('The feature is switched.');
  await expectSwitch(profile, FEATURE, false);
  await expect(profile.locator('form[aria-busy]')).toHaveCount(0);
  await profile.getByRole('switch', { name: FEATURE, exact: true }).click();
  await expectSwitch(profile, FEATURE, true);
  await expect(profile.getByRole('status')).toHaveText('The feature is switched.');
  await expect(page).toHaveURL(SETTINGS);
  await expect(page.locator('html[data-marked]')).toBeAttached();
});

test('a second click while the first is under way does nothing', async ({ page }) => {
  await openSettings(page, 'Ada');
  const profile = section(page, 'Profile');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/set-feature?')) asked.push(request.postData() ?? '');
  });
  const letGo = await hold(page, 'set-feature');

  const feature = profile.getByRole('switch', { name: FEATURE, exact: true });
  await feature.click();
  await feature.click();
  letGo();
  await expect(profile.getByRole('status')).toHaveText('The feature is switched.');
  await expectSwitch(profile, FEATURE, false);
  expect(asked).toHaveLength(1);

  await feature.click();
  await expect.poll(() => asked.length).toBe(2);
  await expectSwitch(profile, FEATURE, true);
  await expect(profile.locator('form[aria-busy]')).toHaveCount(0);
});

test('a switch that Scalekit refuses goes back, and the section says why', async ({ page, fail, allowConsole }) => {
  allowConsole(/status of 503/);
  await openSettings(page, 'Ada');
  const directories = section(page, 'Directory sync');
  const name = 'Synchronize Okta directory';
  const letGo = await hold(page, 'switch-directory');
  await fail('directories', { fault: 'status', value: 503 });

  await directories.getByRole('switch', { name }).click();
  await expectSwitch(directories, name, false);
  letGo();

  await expect(directories.getByRole('status')).toHaveText(/^Scalekit does not answer right now\./);
  await expect(directories.getByRole('status')).toHaveAttribute('data-state', 'bad');
  await expectSwitch(directories, name, true);
});

test('a switch whose request gets lost goes back, and the section says so', async ({ page, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await openSettings(page, 'Ada');
  const connections = section(page, 'Single sign-on');
  const name = 'Sign in through Okta (SAML)';
  await page.route('**/switch-connection?*', (route) => route.abort());

  await connections.getByRole('switch', { name }).click();

  await expectTold(page, 'That did not work just now. Look whether it has happened, and try again in a moment.');
  await expectSwitch(connections, name, true);
});

test('a switch can be used with the keyboard alone, and the focus stays in its section', async ({ page }) => {
  await openSettings(page, 'Ada');
  const profile = section(page, 'Profile');
  const feature = profile.getByRole('switch', { name: FEATURE, exact: true });

  for (const on of [false, true]) {
    await feature.focus();
    await page.keyboard.press('Space');
    await expectSwitch(profile, FEATURE, on);
    await expect(profile.getByRole('status')).toHaveText('The feature is switched.');
    await expect.poll(() => profile.evaluate((section) => section.contains(document.activeElement))).toBe(true);
  }
});

test('what is being typed in another section stays while one is renewed', async ({ page }) => {
  await openSettings(page, 'Ada');
  const domain = section(page, 'Domains').getByRole('textbox', { name: 'New domain' });
  await domain.fill('half-typed');
  const profile = section(page, 'Profile');

  for (const on of [false, true]) {
    await profile.getByRole('switch', { name: FEATURE, exact: true }).click();
    await expect(profile.getByRole('status')).toHaveText('The feature is switched.');
    await expectSwitch(profile, FEATURE, on);
  }

  await expect(domain).toHaveValue('half-typed');
});

test('a new name shows at the top of the page too', async ({ page }) => {
  await openSettings(page, 'Olga');
  const profile = section(page, 'Profile');

  for (const name of ['Globex International', 'Globex']) {
    await unfold(profile, 'Edit the profile');
    await profile.getByLabel('Name', { exact: true }).fill(name);
    await profile.getByRole('button', { name: 'Save' }).click();
    await expect(profile.getByRole('status')).toHaveText('The profile is saved.');
    await expect.soft(page.getByRole('heading', { level: 1 })).toHaveText(name, { timeout: 2000 });
  }
});

test('a switch whose section could not be renewed asks for the opposite of what it shows', async ({ page, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await openSettings(page, 'Ada');
  const profile = section(page, 'Profile');
  await page.route(`**${SETTINGS}/profile`, (route) => route.abort());

  for (const on of [false, true]) {
    const asked = page.waitForRequest('**/set-feature?*');
    await profile.getByRole('switch', { name: FEATURE, exact: true }).click();
    await expect(profile.locator('form[aria-busy]')).toHaveCount(0);
    await expectSwitch(profile, FEATURE, on);
    expect.soft(new URLSearchParams((await asked).postData() ?? '').get('enabled')).toBe(String(on));
  }

  // Put back, whatever came of it.
  await changeElsewhere(page, 'set-feature', { name: 'session_policy', enabled: 'true' });
});

test('what was typed stays where it was not accepted', async ({ page, allowConsole }) => {
  allowConsole(/status of 409/);
  await openSettings(page, 'Ada');
  const members = section(page, 'Members');
  await unfold(members, 'Invite …');
  await members.getByLabel('E-mail address').fill('max@acme.example');
  await members.getByRole('button', { name: 'Send invitation' }).click();

  await expect(members.getByRole('status')).toHaveText('That exists already. Choose something else.');
  await expect(members.getByLabel('E-mail address')).toHaveValue('max@acme.example');
});

test('a session that has ended meanwhile leads to the sign-in page', async ({ page, servers, allowConsole }) => {
  allowConsole(/status of 401/);
  await openSettings(page, 'Ada');
  await page.request.post('/logout', { headers: { origin: servers.app }, maxRedirects: 0 });

  await section(page, 'Profile').getByRole('switch', { name: FEATURE, exact: true }).click();

  await expect(page).toHaveURL(/\/login\?.*next=%2Forganization%2Fsettings/);
});
