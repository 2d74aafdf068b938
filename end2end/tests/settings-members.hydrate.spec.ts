// What scripts add to the list of members: what came of something is told where it can be seen.
import { newAddress } from './fixtures.ts';
import { expect, openSettings, row, section, test, unfold } from './settings.ts';

test('what came of an invitation is seen without scrolling, whether good or bad', async ({ page, allowConsole }) => {
  allowConsole(/status of 409/);
  await openSettings(page, 'Ada');
  const members = section(page, 'Members');
  await unfold(members, 'Invite …');

  for (const [email, told] of [
    ['max@acme.example', 'That exists already. Choose something else.'],
    [newAddress(), 'The invitation is on its way.'],
  ] as const) {
    await members.getByLabel('E-mail address').fill(email);
    await members.getByRole('button', { name: 'Send invitation' }).click();
    const said = members.getByRole('status').filter({ hasText: told });
    await expect(said).toBeVisible();
    await expect.soft(said).toBeInViewport({ timeout: 2000 });
  }
});

test('what came of another role is seen without scrolling', async ({ page }) => {
  await openSettings(page, 'Ada');
  const members = section(page, 'Members');

  // To what it is already.
  await row(members, 'max@acme.example').getByRole('button', { name: 'Change the role of Max Member' }).click();

  const said = members.getByRole('status').filter({ hasText: 'The role is changed.' });
  await expect(said).toBeVisible();
  await expect(said).toBeInViewport({ timeout: 2000 });
});
