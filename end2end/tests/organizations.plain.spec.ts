// Several tabs without scripts, after switching to another organization. With them: organizations.hydrate.spec.ts.
import { ACME, GLOBEX, continueAs, expect, test } from './fixtures.ts';

test('the next click in another tab shows the organization that was switched to', async ({ page, context }) => {
  await page.goto(`/auth/login?organization_id=${GLOBEX}`);
  await continueAs(page, 'Olga Orgs');
  await expect(page).toHaveURL('/dashboard');
  const tab = await context.newPage();
  await tab.goto('/dashboard');
  await expect(tab.getByRole('region', { name: 'Organization' })).toContainText(GLOBEX);
  await page.goto('/organizations');
  await page.getByRole('button', { name: 'Switch to Acme Corp' }).click();
  await expect(page).toHaveURL('/dashboard');

  await tab.getByRole('link', { name: 'Dashboard' }).click();

  await expect(tab.getByRole('region', { name: 'Organization' })).toContainText(ACME);
  await expect(tab.getByRole('main')).not.toContainText(GLOBEX);
});
