// What scripts add where several tabs are open: they follow to another organization by themselves.
import { ACME, GLOBEX, continueAs, expect, hydrated, mark, test } from './fixtures.ts';

test('another tab follows to the organization that was switched to', async ({ page, context }) => {
  await page.goto(`/auth/login?organization_id=${GLOBEX}`);
  await continueAs(page, 'Olga Orgs');
  await expect(page).toHaveURL('/dashboard');
  const [dashboard, inspector] = [await context.newPage(), await context.newPage()];
  await dashboard.goto('/dashboard');
  await inspector.goto('/sessions');
  for (const tab of [dashboard, inspector]) {
    await hydrated(tab);
    await mark(tab);
  }
  await expect(dashboard.getByRole('region', { name: 'Organization' })).toContainText(GLOBEX);
  await page.goto('/organizations');

  await page.getByRole('button', { name: 'Switch to Acme Corp' }).click();

  // Nobody touches the other tabs.
  await expect(page.getByRole('region', { name: 'Organization' })).toContainText(ACME);
  for (const tab of [dashboard, inspector]) await expect(tab.locator('html:not([data-marked])')).toBeAttached();
  await expect(dashboard.getByRole('region', { name: 'Organization' })).toContainText(ACME);
  await expect(dashboard.getByRole('main')).not.toContainText(GLOBEX);
  await expect(dashboard.getByRole('link', { name: 'Organization', exact: true })).toHaveCount(0);
  for (const token of ['Access token', 'ID token']) {
    await expect(inspector.getByRole('region', { name: token })).toContainText(ACME);
    await expect(inspector.getByRole('region', { name: token })).not.toContainText(GLOBEX);
  }
  await hydrated(dashboard);
  await hydrated(inspector);
});
