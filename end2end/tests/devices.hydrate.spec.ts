// What scripts add to your devices: a session ends without leaving the page. Without them: devices.plain.spec.ts.
import { type Locator, type Page } from '@playwright/test';
import {
  continueWithEmail,
  emulatorUrl,
  enterCode,
  expect,
  hydrated,
  mark,
  signInAsSomebodyNew,
  signInWithCode,
  test,
} from './fixtures.ts';

function devices(page: Page): Locator {
  return page.getByRole('region', { name: 'Your devices' });
}

/** Ends all others. */
async function endOthers(page: Page): Promise<void> {
  await devices(page).locator('summary').filter({ hasText: 'End all others' }).click();
  await devices(page).getByRole('button', { name: 'End all others', exact: true }).click();
}

/** Signs in on another device; the devices are open here, and whose they are has been proved. */
async function openDevicesWithProof(page: Page, elsewhere: Page): Promise<void> {
  const email = await signInAsSomebodyNew(page);
  await signInWithCode(elsewhere, email);
  await page.goto('/auth/login?prompt=login&next=%2Fsessions');
  await continueWithEmail(page, email);
  await enterCode(page, '424242');
  await expect(page).toHaveURL('/sessions');
  await hydrated(page);
}

test('a session ends in place: the page stays, the list changes, the focus is not lost', async ({ page, browser, watch }) => {
  const context = await browser.newContext();
  watch(context);
  await openDevicesWithProof(page, await context.newPage());
  await mark(page);
  await devices(page).locator('summary').first().press('Enter');

  await devices(page).getByRole('button', { name: 'End this session' }).press('Enter');

  await expect(devices(page).getByRole('status')).toHaveText('That session has ended.');
  await expect(devices(page).getByRole('listitem')).toHaveCount(1);
  await expect(devices(page)).toBeFocused();
  await expect(page).toHaveURL('/sessions');
  await expect(page.locator('html[data-marked]'), 'the page is the same').toBeAttached();
});

test('two tabs that end the same session say that there is none any more', async ({ page, context, browser, watch, allowConsole }) => {
  // What Chromium says of the second answer.
  allowConsole(/status of 404/);
  const elsewhere = await browser.newContext();
  watch(elsewhere);
  await openDevicesWithProof(page, await elsewhere.newPage());
  const tab = await context.newPage();
  await tab.goto('/sessions');
  await hydrated(tab);
  await endOthers(page);
  await expect(devices(page).getByRole('status')).toHaveText('All your other sessions have ended.');

  await endOthers(tab);

  await expect(devices(tab).getByRole('status')).toHaveText('There is no such session any more.');
});

test('a server that does not answer is told in words, and nothing has ended', async ({ page, browser, watch, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  const context = await browser.newContext();
  watch(context);
  await openDevicesWithProof(page, await context.newPage());
  await page.route('**/sessions/end-others', (route) => route.abort(), { times: 1 });

  await endOthers(page);

  await expect(devices(page).getByRole('status')).toHaveText(/^That did not work just now\./);
  await expect(devices(page).getByRole('listitem')).toHaveCount(2);
  await devices(page).getByRole('button', { name: 'End all others', exact: true }).click();
  await expect(devices(page).getByRole('status')).toHaveText('All your other sessions have ended.');
});

test('without a proof the page leads to the provider, and nothing has ended', async ({ page, browser, watch }) => {
  const context = await browser.newContext();
  watch(context);
  const email = await signInAsSomebodyNew(page);
  await signInWithCode(await context.newPage(), email);
  await page.goto('/sessions');
  await hydrated(page);

  await endOthers(page);

  await expect(page).toHaveURL(new RegExp(`^${emulatorUrl()}/sign-in/`));
  await page.goto('/sessions');
  await expect(devices(page).getByRole('listitem')).toHaveCount(2);
});
