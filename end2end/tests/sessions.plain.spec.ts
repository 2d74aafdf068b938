// The token inspector without scripts: forms and redirects. With them: sessions.hydrate.spec.ts.
import { expect, signInAsSomebodyNew, test } from './fixtures.ts';

for (const { button, notice, name } of [
  { button: 'Refresh now', notice: 'You have new tokens.', name: 'refreshed' },
  { button: 'Validate now', notice: 'The access token is valid.', name: 'token-valid' },
]) {
  test(`"${button}" leads back to the inspector, which says what came of it`, async ({ page }) => {
    await signInAsSomebodyNew(page);
    await page.goto('/sessions');

    await page.getByRole('button', { name: button }).click();

    await expect(page).toHaveURL(`/sessions?notice=${name}`);
    await expect(page.getByRole('main').getByRole('status').first()).toHaveText(notice);
  });
}

test('nothing is offered that only scripts can do', async ({ page }) => {
  await signInAsSomebodyNew(page);
  await page.goto('/sessions');

  await expect(page.getByRole('button', { name: /^Copy/ })).toHaveCount(0);
});
