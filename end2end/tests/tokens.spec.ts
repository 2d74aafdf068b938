// What a person may do with the tokens of the session, with scripts and without. What scripts add: tokens.hydrate.spec.ts.
import { expect, giveRole, signInAsSomebodyNew, test } from './fixtures.ts';

test('new tokens are asked for, and the page says that they are there', async ({ page }) => {
  await signInAsSomebodyNew(page);
  const session = page.getByRole('region', { name: 'Session', exact: true });
  await expect(session).toContainText('Not renewed so far.');

  await session.getByRole('button', { name: 'Refresh now' }).click();

  await expect(page.getByRole('status').filter({ hasText: 'You have new tokens.' })).toBeVisible();
  await expect(session).toContainText('Renewed once.');
  await session.getByRole('button', { name: 'Refresh now' }).click();
  await expect(session).toContainText('Renewed 2 times.');
});

test('the access token is checked, and the page says that it is valid', async ({ page }) => {
  await signInAsSomebodyNew(page);

  await page.getByRole('button', { name: 'Validate now' }).click();

  await expect(page.getByRole('status').filter({ hasText: 'The access token is valid.' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Session', exact: true })).toContainText('Not renewed so far.');
});

// Rules: w8
test('W8: a role that was given at the provider shows with the next tokens', async ({ page }) => {
  const email = await signInAsSomebodyNew(page);
  const organization = page.getByRole('region', { name: 'Organization' });
  const permissions = page.getByRole('region', { name: 'Permissions' });
  await expect(organization.getByRole('listitem')).toHaveText(['member']);
  await expect(permissions.getByRole('listitem')).toHaveText(['workspace_data:read']);

  await giveRole(page, email, 'admin');
  await page.getByRole('button', { name: 'Refresh now' }).click();

  await expect(organization.getByRole('listitem')).toHaveText(['admin']);
  await expect(organization).toContainText('You administer this organization.');
  await expect(permissions.getByRole('listitem')).toContainText(['organization:settings', 'members:manage']);
});
