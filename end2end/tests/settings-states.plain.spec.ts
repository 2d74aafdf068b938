// A section that is slow, without scripts: a link leads to it, and another one to a page that waits for everything.
import { type Page } from '@playwright/test';
import { continueAs } from './fixtures.ts';
import { expect, expectWellDesigned, onScreen, section, SETTINGS, test, WIDTHS } from './settings.ts';

const SLOW = { fault: 'delay', value: 2000 } as const;

/** Opens the settings as Ada, and does not wait for what is slow. */
async function openAtOnce(page: Page): Promise<void> {
  await page.goto(`/auth/login?next=${encodeURIComponent(SETTINGS)}`);
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL(SETTINGS);
}

test('a slow section is a link to its own page, which waits', async ({ page, fail }) => {
  await fail('policy', SLOW);
  await openAtOnce(page);
  const policy = section(page, 'Session policy');
  await expect(policy.locator('.facts')).toHaveCount(0);

  await policy.getByRole('link', { name: 'Show session policy' }).click();

  await expect(page).toHaveURL(`${SETTINGS}/session-policy`);
  await expect(policy.locator('.facts')).toContainText('30 days');
});

test('a page with a slow section offers one that waits for all', async ({ page, fail }) => {
  await fail('policy', SLOW);
  await openAtOnce(page);

  await page.getByRole('link', { name: 'Show all of them' }).click();

  await expect(page).toHaveURL(`${SETTINGS}?wait`);
  await expect(section(page, 'Session policy').locator('.facts')).toContainText('30 days');
  await expect(page.locator('[data-pending]')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Show all of them' })).toHaveCount(0);
});

for (const width of WIDTHS) {
  test(`a page with a slow section is well designed at ${width} pixels, in light and in dark`, async ({ page, fail }) => {
    await onScreen(page, width);
    await fail('policy', SLOW);
    await openAtOnce(page);
    await expect(section(page, 'Session policy').locator('.skeleton')).toBeVisible();

    await expectWellDesigned(page);
  });
}
