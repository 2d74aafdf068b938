// Back, in a browser that keeps whole pages alive for it (promise 18). Playwright switches that off unless told not to.
import { expect, hydrated, signIn, signOut, test, visitElsewhere } from './fixtures.ts';

test.use({
  launchOptions: [
    async ({ launchOptions }, use) =>
      use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    { scope: 'worker' },
  ],
});

test('a page that was kept for Back is loaded anew', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => sessionStorage.setItem('was kept', String(persisted)));
    document.documentElement.dataset['before'] = '';
  });
  await visitElsewhere(page, '<p>Nothing to see');

  await page.goBack({ waitUntil: 'commit' });

  await expect(page.locator('html:not([data-before])')).toBeAttached();
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Ada');
  // Otherwise the browser has kept nothing, and these tests say nothing.
  expect(await page.evaluate(() => sessionStorage.getItem('was kept'))).toBe('true');
});

// Rules: w18
test('W18: a page that was kept for Back shows nothing when the session has ended meanwhile', async ({ page, browser, watch }) => {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  const elsewhere = await browser.newContext({ storageState: await page.context().storageState() });
  watch(elsewhere);
  await visitElsewhere(page, '<p>Nothing to see');
  // In another browser with the same session: nothing in this one learns of it.
  const other = await elsewhere.newPage();
  await other.goto('/dashboard');
  await signOut(other);

  await page.goBack({ waitUntil: 'commit' });

  await expect(page).toHaveURL(/\/login\?reason=expired/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

// Rules: w18
test('W18: a page that was kept for Back shows nothing after signing out', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  await signOut(page);

  await page.goBack({ waitUntil: 'commit' });

  await expect(page).toHaveURL(/\/login\?/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});
