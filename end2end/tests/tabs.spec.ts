// Several tabs of one browser, and addresses that are used twice.
import { continueAs, expect, expectSignedIn, expectSignedOut, signIn, signInButDoNotReturn, signOut, test } from './fixtures.ts';

test('W16: two tabs sign in at once, and both arrive', async ({ page: first, context }) => {
  const second = await context.newPage();
  await first.goto('/auth/login?next=%2Fdashboard%3Ftab%3D1');
  await second.goto('/auth/login?next=%2Fdashboard%3Ftab%3D2');

  await continueAs(second, 'Ada Admin');
  await expect(second).toHaveURL('/dashboard?tab=2');
  await continueAs(first, 'Ada Admin');
  await expect(first).toHaveURL('/dashboard?tab=1');

  await expectSignedIn(first);
  await expectSignedIn(second);
});

test('W16: reloading the address that finished a sign-in leads to the dashboard', async ({ page }) => {
  const callback = page.waitForRequest((request) => request.url().includes('/auth/callback?'));
  await signIn(page, 'Ada Admin');

  await page.goto((await callback).url());

  await expect(page).toHaveURL('/dashboard');
});

test('the address that finished a sign-in signs nobody in a second time', async ({ page, allowConsole }) => {
  allowConsole(/status of 400/);
  const callback = page.waitForRequest((request) => request.url().includes('/auth/callback?'));
  await signIn(page, 'Ada Admin');
  await signOut(page);

  const answer = await page.goto((await callback).url());

  expect(answer?.status()).toBe(400);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This sign-in cannot be finished here');
  await expectSignedOut(page);
});

test('a sign-in cannot be finished in another browser', async ({ page, browser, allowConsole, watch }) => {
  allowConsole(/status of 400/);
  const other = await browser.newContext();
  watch(other);
  const victim = await other.newPage();
  // The attacker's own sign-in stops on its way back: the code is unused.
  const callback = await signInButDoNotReturn(page, 'Ada Admin');

  const answer = await victim.goto(callback.href);

  expect(answer?.status()).toBe(400);
  await expect(victim.getByRole('heading', { level: 1 })).toHaveText('This sign-in cannot be finished here');
  await expectSignedOut(victim);
  await other.close();
});
