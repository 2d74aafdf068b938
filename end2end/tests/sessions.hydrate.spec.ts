// What scripts add to the token inspector: times that move, outcomes in place, copying.
import { type Page } from '@playwright/test';
import { appUrl, expect, giveRole, hydrated, mark, signInAsSomebodyNew, test } from './fixtures.ts';

async function openInspector(page: Page): Promise<string> {
  const email = await signInAsSomebodyNew(page);
  await page.goto('/sessions');
  await hydrated(page);
  return email;
}

/** The seconds that a token's countdown shows. */
async function left(page: Page, token: 'access-token' | 'id-token'): Promise<number> {
  const text = await page.locator(`#${token} .countdown-text`).innerText();
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+) min )?(\d+) s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

test('both tokens count down, and renewed ones begin anew', async ({ page }) => {
  await page.clock.install();
  await openInspector(page);
  const [access, id] = [await left(page, 'access-token'), await left(page, 'id-token')];
  expect(access).toBeGreaterThan(240);
  expect(id).toBeGreaterThan(1700);

  await page.clock.fastForward('02:00');
  await expect.poll(() => left(page, 'access-token')).toBeLessThanOrEqual(access - 120);
  await expect.poll(() => left(page, 'id-token')).toBeLessThanOrEqual(id - 120);

  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect.poll(() => left(page, 'access-token')).toBeGreaterThan(280);
  const renewed = await left(page, 'id-token');
  expect(renewed).toBeGreaterThan(1780);
  // What took the place of the old ones is alive too.
  await page.clock.fastForward('00:30');
  await expect.poll(() => left(page, 'id-token')).toBeLessThanOrEqual(renewed - 30);
});

test('renewing and checking change the page in place, and the focus stays', async ({ page }) => {
  const email = await openInspector(page);
  await mark(page);
  await giveRole(page, email, 'admin');
  const refresh = page.getByRole('button', { name: 'Refresh now' });
  await refresh.focus();

  await page.keyboard.press('Enter');

  await expect(page.locator('.token-actions .outcome')).toHaveText('You have new tokens.');
  await expect(page.getByRole('region', { name: 'Last renewal' }).getByRole('insertion')).toHaveCount(2);
  await expect(refresh).toBeFocused();
  await page.getByRole('button', { name: 'Validate now' }).click();
  await expect(page.locator('.token-actions .outcome')).toHaveText('The access token is valid.');
  await expect(page).toHaveURL('/sessions');
  await expect(page.locator('html[data-marked]'), 'the page is the same').toBeAttached();
});

test('a claim is copied as it is', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: appUrl() });
  await openInspector(page);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const token = page.getByRole('region', { name: 'Access token' });
  const subject = await token.locator('tr:has(th code:text-is("sub")) td').innerText();
  const copy = token.getByRole('button', { name: 'Copy sub' });

  await copy.click();
  await expect(copy).toHaveAttribute('data-state', 'done');
  expect(subject).toMatch(/^usr_\d+$/);
  expect(await clipboard()).toBe(subject);

  // In cards that took the place of others, too.
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page.getByRole('region', { name: 'Refresh token' })).toContainText('Once');
  await token.getByRole('button', { name: 'Copy permissions' }).press('Enter');
  await expect.poll(clipboard).toBe('["workspace_data:read"]');
});
