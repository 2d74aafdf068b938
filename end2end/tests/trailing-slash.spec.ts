// Every address works with a slash at its end as without (DESIGN.md §3).
import { continueAs, expect, signIn, signInButDoNotReturn, test } from './fixtures.ts';

for (const [path, heading] of [
  ['/login/', 'Sign in'],
  ['/signed-out/', 'You are signed out'],
  ['/dashboard/', 'Sign in'],
] as const) {
  test(`${path} answers like ${path.slice(0, -1)}`, async ({ page }) => {
    await page.goto(path);

    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
  });
}

test('a sign-in can begin at /auth/login/', async ({ page }) => {
  await page.goto('/auth/login/?next=%2Fdashboard%3Ftab%3D1');
  await continueAs(page, 'Ada Admin');

  await expect(page).toHaveURL('/dashboard?tab=1');
});

test('a sign-in can be finished at /auth/callback/', async ({ page }) => {
  const callback = await signInButDoNotReturn(page, 'Ada Admin');
  callback.pathname += '/';
  await page.goto(callback.href);

  await expect(page).toHaveURL('/dashboard');
});

test('/dashboard/ and /logout/ are for people who are signed in', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await page.goto('/dashboard/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Ada');

  await page.goto('/logout/');
  await expect(page).toHaveURL('/signed-out');
});
