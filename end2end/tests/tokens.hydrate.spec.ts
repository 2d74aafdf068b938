// With scripts, tokens are renewed and checked without leaving the page.
import { type Page } from '@playwright/test';
import { axe, expect, hydrated, mark, signIn, signOut, test } from './fixtures.ts';

/** The seconds that the access token's countdown shows. */
async function left(page: Page): Promise<number> {
  const text = await page.locator('#access-token .countdown-text').innerText();
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+) min )?(\d+) s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

test('new tokens move the countdown, and the page stays', async ({ page }) => {
  await page.clock.install();
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  await mark(page);
  await page.clock.fastForward('02:00');
  await expect.poll(() => left(page)).toBeLessThan(200);

  await page.getByRole('button', { name: 'Refresh now' }).click();

  await expect.poll(() => left(page)).toBeGreaterThan(280);
  await expect(page.locator('.outcome')).toHaveText('You have new tokens.');
  await expect(page).toHaveURL('/dashboard');
  await expect(page.locator('html[data-marked]')).toBeAttached();
  await expect(page.getByRole('button', { name: 'Refresh now' })).toBeFocused();
  // What took the place of the old countdown is alive too.
  const before = await left(page);
  await page.clock.fastForward('00:30');
  await expect.poll(() => left(page)).toBeLessThan(before - 20);
});

// Rules: w14
test('W14: the answers to scripts contain no token', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  const press = async (name: string, path: string) => {
    const answer = page.waitForResponse((response) => new URL(response.url()).pathname === path);
    await page.getByRole('button', { name }).click();
    return await (await answer).text();
  };

  const refreshed = await press('Refresh now', '/sessions/refresh-token');
  expect(Object.keys(JSON.parse(refreshed)).sort()).toEqual(['expiresAt', 'message', 'success']);
  const validated = await press('Validate now', '/sessions/validate-token');
  expect(Object.keys(JSON.parse(validated)).sort()).toEqual(['claims', 'email', 'message', 'name', 'userId', 'valid']);
  expect(refreshed + validated).not.toMatch(/eyJ[\w-]+\.|rt_/);
});

test('the outcome stands beside the buttons, and can be read in light and dark', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  const outcome = page.getByRole('region', { name: 'Session', exact: true }).getByRole('status');
  await expect(outcome).toHaveText('');
  const judge = async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await axe(page);
    }
  };

  await page.getByRole('button', { name: 'Validate now' }).click();
  await expect(outcome).toHaveText('The access token is valid.');
  await judge();

  const bad = { valid: false, error: 'Token validation failed: it has expired' };
  await page.route('**/sessions/validate-token', (route) => route.fulfill({ json: bad }));
  await page.getByRole('button', { name: 'Validate now' }).click();
  await expect(outcome).toHaveText(bad.error);
  await judge();
});

test('a server that does not answer is told in words', async ({ page, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  await page.route('**/sessions/refresh-token', (route) => route.abort());

  await page.getByRole('button', { name: 'Refresh now' }).click();

  await expect(page.getByText('That did not work just now. Try again in a moment.')).toBeVisible();
  await expect(page).toHaveURL('/dashboard');
});

test('a session that has ended meanwhile leads to the sign-in page, and back', async ({ page, browser, watch, allowConsole }) => {
  allowConsole(/status of 401/);
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  const elsewhere = await browser.newContext({ storageState: await page.context().storageState() });
  watch(elsewhere);
  const other = await elsewhere.newPage();
  await other.goto('/dashboard');
  await signOut(other);

  await page.getByRole('button', { name: 'Refresh now' }).click();

  await expect(page).toHaveURL('/login?reason=expired&next=%2Fdashboard');
});
