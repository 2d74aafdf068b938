// The end of a session, here and at the provider.
import { emulatorUrl, expect, expectSignedIn, expectSignedOut, signIn, signOut, test, visitElsewhere } from './fixtures.ts';

// Rules: w26
test('signing out goes by the provider, and the dashboard asks again', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  const provider = page.waitForRequest((request) => request.url().startsWith(`${emulatorUrl()}/oidc/logout`));

  await signOut(page);

  const asked = new URL((await provider).url()).searchParams;
  expect(asked.get('id_token_hint')).toBeTruthy();
  expect(asked.get('post_logout_redirect_uri')).toBeTruthy();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are signed out');
  await expectSignedOut(page);
});

test('after signing out the provider asks who you are', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await signOut(page);

  await page.getByRole('main').getByRole('link', { name: 'Sign in again' }).click();
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();

  await expect(page.getByRole('button', { name: /^Ada Admin/ })).toBeVisible();
});

// Rules: w18
test('W18: after signing out, Back shows nothing', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  // Two protected pages to go back to.
  await page.goto('/dashboard?again');
  await signOut(page);

  for (const step of ['once', 'twice']) {
    await page.goBack();
    await expect(page, `Back ${step}`).toHaveURL(/\/login\?/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
    expect(await page.content()).not.toMatch(/ada@acme\.example|usr_\d/);
  }
});

// Rules: w13
test('W13: a link on another site asks before it signs out', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await visitElsewhere(page, `<a href="${new URL('/logout', page.url())}">Look at this</a>`);

  await page.getByRole('link', { name: 'Look at this' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign out?');
  await page.getByRole('link', { name: 'Stay signed in' }).click();
  await expect(page).toHaveURL('/dashboard');
  await expectSignedIn(page);
});

// Rules: w13
test('W13: the answer to that question signs out', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await visitElsewhere(page, `<a href="${new URL('/logout', page.url())}">Look at this</a>`);
  await page.getByRole('link', { name: 'Look at this' }).click();

  await page.getByRole('button', { name: 'Sign out now' }).click();

  await expect(page).toHaveURL('/signed-out');
  await expectSignedOut(page);
});

// Rules: w13
test('W13: a form on another site signs nobody out', async ({ page, allowConsole }) => {
  allowConsole(/status of 403/);
  await signIn(page, 'Ada Admin');
  const form = `<form method="post" action="${new URL('/logout', page.url())}"><button>Win a prize</button></form>`;
  await visitElsewhere(page, form);

  await page.getByRole('button', { name: 'Win a prize' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('That request came from another site');
  await expectSignedIn(page);
});

test('someone who types /logout is signed out', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await page.goto('/logout');

  await expect(page).toHaveURL('/signed-out');
  await expectSignedOut(page);
});
