// Your devices: which sessions you have, and ending the others. What scripts add: devices.hydrate.spec.ts.
import { type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';
import {
  ACME,
  WIDTHS,
  continueWithEmail,
  enterCode,
  expect,
  expectSignedIn,
  expectSignedOut,
  expectToLookRight,
  hydrated,
  signInAsSomebodyNew,
  signInWithCode,
  test,
} from './fixtures.ts';

const LAPTOP = 'Chrome on Windows';
const FIREFOX = {
  name: 'Firefox on macOS',
  userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0',
};
const PHONE = {
  name: 'Safari on iPhone',
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 ' +
    'Mobile/15E148 Safari/604.1',
};

/** Signs the same person in on one more device. */
async function signInOn(
  device: typeof FIREFOX,
  email: string,
  browser: Browser,
  watch: (context: BrowserContext) => void,
): Promise<Page> {
  const context = await browser.newContext({ userAgent: device.userAgent });
  watch(context);
  const page = await context.newPage();
  await signInWithCode(page, email);
  return page;
}

async function openDevices(page: Page): Promise<void> {
  await page.goto('/sessions');
  await hydrated(page);
}

function devices(page: Page): Locator {
  return page.getByRole('region', { name: 'Your devices' });
}

function row(page: Page, name: string): Locator {
  return devices(page).getByRole('listitem').filter({ hasText: name });
}

/** Opens a question, and answers it. */
async function end(within: Locator, what: 'this session' | 'all others'): Promise<void> {
  const question = what === 'all others' ? /^End all others …/ : /^End …/;
  await within.locator('summary').filter({ hasText: question }).click();
  await within.getByRole('button', { name: `End ${what}`, exact: true }).click();
}

/** At the provider, which asks who this is: says so, and comes back to the devices. */
async function prove(page: Page, email: string): Promise<void> {
  await continueWithEmail(page, email);
  await enterCode(page, '424242');
  await expect(page).toHaveURL('/sessions');
  await hydrated(page);
}

test('every session of a person is listed, and the one that looks is marked', async ({ page, browser, watch }) => {
  const email = await signInAsSomebodyNew(page);
  const other = await signInOn(FIREFOX, email, browser, watch);

  for (const [looking, own, remote] of [
    [page, LAPTOP, FIREFOX.name],
    [other, FIREFOX.name, LAPTOP],
  ] as const) {
    await openDevices(looking);
    await expect(devices(looking).getByRole('listitem')).toHaveCount(2);
    for (const name of [own, remote]) {
      await expect(row(looking, name)).toContainText(`127.0.0.1 · ${ACME}`);
      await expect(row(looking, name)).toContainText(/Started \d+ \w+ \d{4}, \d\d:\d\d UTC · last seen (now|\d+ s ago)/);
    }
    await expect(row(looking, own).getByText('This one')).toBeVisible();
    await expect(row(looking, own).locator('summary'), 'that would be signing out').toHaveCount(0);
    await expect(row(looking, remote).getByText('This one')).toHaveCount(0);
    await expect(row(looking, remote).locator('summary')).toHaveCount(1);
  }
});

test('whoever has one session only has none to end', async ({ page }) => {
  await signInAsSomebodyNew(page);
  await openDevices(page);

  await expect(devices(page).getByRole('listitem')).toHaveCount(1);
  await expect(devices(page).locator('summary')).toHaveCount(0);
});

test('ending a session asks who you are; then it is over there, and the list says so', async ({ page, browser, watch }) => {
  const email = await signInAsSomebodyNew(page);
  const other = await signInOn(FIREFOX, email, browser, watch);
  await openDevices(page);

  await end(row(page, FIREFOX.name), 'this session');

  // The provider knows her, and asks all the same.
  await expect(page.getByLabel('E-mail address')).toBeVisible();
  await expectSignedIn(other);
  await prove(page, email);
  await expect(devices(page).getByRole('listitem')).toHaveCount(2);

  await end(row(page, FIREFOX.name), 'this session');

  await expect(page.getByRole('status').filter({ hasText: 'That session has ended.' })).toBeVisible();
  await expect(devices(page).getByRole('listitem')).toHaveCount(1);
  await expect(row(page, LAPTOP).getByText('This one')).toBeVisible();
  await expectSignedOut(other);
  // At the provider too.
  await other.goto('/auth/login');
  await expect(other.getByLabel('E-mail address')).toBeVisible();
  await expectSignedIn(page);
});

test('all others end at once', async ({ page, browser, watch }) => {
  const email = await signInAsSomebodyNew(page);
  const others = [await signInOn(FIREFOX, email, browser, watch), await signInOn(PHONE, email, browser, watch)];
  await openDevices(page);
  await expect(devices(page).getByRole('listitem')).toHaveCount(3);
  await end(devices(page), 'all others');
  await prove(page, email);

  await end(devices(page), 'all others');

  await expect(page.getByRole('status').filter({ hasText: 'All your other sessions have ended.' })).toBeVisible();
  await expect(devices(page).getByRole('listitem')).toHaveCount(1);
  await expect(devices(page).locator('summary'), 'nothing is left to end').toHaveCount(0);
  for (const other of others) await expectSignedOut(other);
  await expectSignedIn(page);
});

test('a question that is closed again ends nothing', async ({ page, browser, watch }) => {
  const email = await signInAsSomebodyNew(page);
  const other = await signInOn(FIREFOX, email, browser, watch);
  await openDevices(page);
  const question = row(page, FIREFOX.name).locator('summary');
  const answer = row(page, FIREFOX.name).getByRole('button', { name: 'End this session' });
  await expect(answer).toBeHidden();

  await question.press('Enter');
  await expect(answer).toBeVisible();
  const words = `End the session of ${FIREFOX.name}? That device is signed out at once.`;
  await expect(row(page, FIREFOX.name)).toContainText(words);
  await question.press('Enter');

  await expect(answer).toBeHidden();
  await expect(page).toHaveURL('/sessions');
  await expectSignedIn(other);
});

for (const width of WIDTHS) {
  test(`the devices look right at ${width} pixels, with both questions open`, async ({ page, browser, watch }) => {
    const email = await signInAsSomebodyNew(page);
    await signInOn(FIREFOX, email, browser, watch);
    await openDevices(page);
    for (const question of await devices(page).locator('summary').all()) await question.click();
    await expect(devices(page).getByRole('button', { name: /^End/ })).toHaveCount(2);

    await expectToLookRight(page, width);
  });
}
