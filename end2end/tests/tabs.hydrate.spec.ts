// What scripts add where several tabs are open: they tell each other (promise 18).
import { expect, expectSignedIn, hydrated, signIn, signOut, test } from './fixtures.ts';

// Rules: w18
test('W18: signing out in one tab signs out the others by itself', async ({ page, context }) => {
  await signIn(page, 'Ada Admin');
  const other = await context.newPage();
  await expectSignedIn(other);
  await hydrated(other);

  await signOut(page);

  // Nobody touches the other tab.
  await expect(other).toHaveURL(/\/login\?/);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await expect(other.getByText('ada@acme.example')).toHaveCount(0);
});
