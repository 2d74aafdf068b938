// Two tabs of one browser, and an address that is used twice. More of both: transactions.spec.ts.
import { continueAs, expect, expectSignedIn, signIn, test } from './fixtures.ts';

// Rules: w16, transaction-second-tab
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

// Rules: w16, transaction-replay-signed-in
test('W16: reloading the address that finished a sign-in leads to the dashboard', async ({ page }) => {
  const callback = page.waitForRequest((request) => request.url().includes('/auth/callback?'));
  await signIn(page, 'Ada Admin');

  await page.goto((await callback).url());

  await expect(page).toHaveURL('/dashboard');
});
