// A form and a redirect do it without scripts. With them: tokens.hydrate.spec.ts.
import { axe, expect, signIn, test } from './fixtures.ts';

for (const { button, notice, name } of [
  { button: 'Refresh now', notice: 'You have new tokens.', name: 'refreshed' },
  { button: 'Validate now', notice: 'The access token is valid.', name: 'token-valid' },
]) {
  test(`"${button}" leads back to the dashboard, which says what came of it`, async ({ page }) => {
    await signIn(page, 'Ada Admin');

    await page.getByRole('button', { name: button }).click();

    await expect(page).toHaveURL(`/dashboard?notice=${name}`);
    await expect(page.getByRole('main').getByRole('status').first()).toHaveText(notice);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
    }
  });
}

test('a notice is one of ours, whatever the address says', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await page.goto('/dashboard?notice=Call+this+number');

  await expect(page.getByRole('main')).not.toContainText('Call this number');
});

test('nothing announces the end of a session that cannot be prolonged in place', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await expect(page.getByText('Stay signed in')).toBeHidden();
  await expect(page.getByRole('complementary')).toHaveCount(0);
});
