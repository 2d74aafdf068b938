// The shortest journey through everything: sign in, see who you are.
import { axe, expect, hydrated, signIn, test } from './fixtures.ts';

// Rules: oidcc-client-test, transaction-no-javascript, transaction-javascript
test('Ada signs in and sees her name on the dashboard', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await expect(page).toHaveURL('/dashboard');
  await hydrated(page);
  await expect(page.getByRole('main')).toContainText('Ada Admin');
  await axe(page);
});
