// Several tabs of a browser without scripts. With them the other tab needs no click: tabs.hydrate.spec.ts.
import { expect, expectSignedIn, signIn, signOut, test } from './fixtures.ts';

test('after signing out in one tab, the next click in the other asks to sign in', async ({ page, context }) => {
  await signIn(page, 'Ada Admin');
  const other = await context.newPage();
  await expectSignedIn(other);

  await signOut(page);
  await other.getByRole('link', { name: 'Dashboard' }).click();

  await expect(other).toHaveURL(/\/login\?/);
  await expect(other.getByRole('main')).not.toContainText('ada@acme.example');
});
