// Where a sign-in ends: the page that was asked for, and never another site (promise 6).
import { continueAs, continueWithEmail, enterCode, expect, newAddress, test } from './fixtures.ts';

test('W11: a deep link survives the sign-in, with its query', async ({ page }) => {
  await page.goto('/dashboard?tab=claims&from=mail%20box');

  await expect(page.getByRole('status')).toHaveText('Sign in to open that page.');
  expect(new URL(page.url()).searchParams.get('next')).toBe('/dashboard?tab=claims&from=mail%20box');
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL('/dashboard?tab=claims&from=mail%20box');
});

test('W11: a deep link survives a sign-in by e-mail too', async ({ page }) => {
  await page.goto('/dashboard?tab=claims');
  await page.getByLabel('Work e-mail').fill(newAddress());
  await page.getByRole('button', { name: 'Continue with e-mail' }).click();
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await enterCode(page, '424242');

  await expect(page).toHaveURL('/dashboard?tab=claims');
});

for (const next of [
  'https://elsewhere.example/',
  '//elsewhere.example',
  '/\\elsewhere.example',
  '/%5Celsewhere.example',
  '/%2F/elsewhere.example',
  '/\t/elsewhere.example',
  'javascript:alert(1)',
]) {
  test(`W11: a sign-in never ends elsewhere: ${JSON.stringify(next)}`, async ({ page }) => {
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
    await continueWithEmail(page, newAddress());
    await enterCode(page, '424242');

    await expect(page).toHaveURL('/dashboard');
  });
}
