// A section that is slow, with scripts: a skeleton, which becomes the section by itself.
import { type Page } from '@playwright/test';
import { continueAs, hydrated } from './fixtures.ts';
import { expect, expectWellDesigned, onScreen, section, SECTIONS, SETTINGS, settled, test, WIDTHS } from './settings.ts';

const SLOW = { fault: 'delay', value: 2000 } as const;

/** Opens the settings as Ada, and does not wait for what is slow. */
async function openAtOnce(page: Page): Promise<void> {
  await page.goto(`/auth/login?next=${encodeURIComponent(SETTINGS)}`);
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL(SETTINGS);
}

test('a slow section shows a skeleton, and then arrives by itself', async ({ page, fail }) => {
  await fail('policy', SLOW);
  await openAtOnce(page);
  const policy = section(page, 'Session policy');

  await expect(policy).toHaveAttribute('data-pending');
  await expect(policy.locator('.skeleton')).toBeVisible();
  await expect(section(page, 'Profile').locator('.facts')).toBeVisible();

  await expect(policy.locator('.facts')).toContainText('30 days');
  await expect(policy.locator('.skeleton')).toHaveCount(0);
  await expect(policy).not.toHaveAttribute('data-pending');
  await expect(page).toHaveURL(SETTINGS);
});

test('all sections may be slow at once, and all arrive', async ({ page, fail }) => {
  for (const endpoint of ['organization', 'members', 'roles', 'connections', 'directories', 'domains', 'policy'] as const) {
    await fail(endpoint, { fault: 'delay', value: 1000 });
  }
  await openAtOnce(page);
  await expect(page.locator('[data-pending]')).toHaveCount(SECTIONS.length);

  await settled(page);

  await expect(section(page, 'Profile').locator('.facts')).toContainText('org_59615193906282635');
  await expect(section(page, 'Members').locator('.row')).toHaveCount(10);
  await expect(section(page, 'Session policy').locator('.facts')).toContainText('30 days');
});

test('what arrived late works like what was there at once', async ({ page, fail }) => {
  await fail('domains', SLOW);
  await openAtOnce(page);
  const domains = section(page, 'Domains');
  await settled(page);
  await fail('domains', null);

  const name = 'arrived-late.example';
  await domains.getByRole('textbox', { name: 'New domain' }).fill(name);
  await domains.getByRole('button', { name: 'Add domain' }).click();
  await expect(domains.getByRole('status')).toHaveText(/^The domain is added\./);
  const added = domains.locator('.row').filter({ hasText: name });
  await added.locator('summary').click();
  await added.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(domains.getByRole('status')).toHaveText('The domain is removed.');
  await expect(page).toHaveURL(SETTINGS);
});

test('a slow section that fails in the end says so', async ({ page, fail }) => {
  await fail('policy', SLOW);
  await openAtOnce(page);
  await expect(section(page, 'Session policy').locator('.skeleton')).toBeVisible();
  await fail('policy', { fault: 'status', value: 500 });
  await page.reload();

  await expect(section(page, 'Session policy').getByRole('link', { name: 'Try again' })).toBeVisible();
});

test('a section that the browser cannot get is offered as a link', async ({ page, fail, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await fail('policy', SLOW);
  await page.route(`**${SETTINGS}/session-policy`, (route) => route.abort());
  await openAtOnce(page);
  const policy = section(page, 'Session policy');
  const link = policy.getByRole('link', { name: 'Show session policy' });

  await expect(link).toBeVisible();
  await expect(policy.locator('.skeleton')).toBeHidden();
  await fail('policy', null);
  await page.unroute(`**${SETTINGS}/session-policy`);
  await link.click();
  await expect(page).toHaveURL(`${SETTINGS}/session-policy`);
  await expect(policy.locator('.facts')).toContainText('30 days');
});

test('a section that could not be got no longer claims to be on its way', async ({ page, fail, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await fail('policy', SLOW);
  await page.route(`**${SETTINGS}/session-policy`, (route) => route.abort());
  await openAtOnce(page);
  const policy = section(page, 'Session policy');
  await expect(policy.getByRole('link', { name: 'Show session policy' })).toBeVisible();

  // Screen readers pass over what is busy.
  await expect(policy).not.toHaveAttribute('aria-busy', 'true', { timeout: 2000 });
});

test('a profile that arrives late brings its name to the top of the page', async ({ page, fail }) => {
  await fail('organization', SLOW);
  await openAtOnce(page);
  await settled(page);

  await expect(section(page, 'Profile').locator('.facts')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Acme Corp', { timeout: 2000 });
});

for (const width of WIDTHS) {
  test(`a skeleton is well designed at ${width} pixels, in light and in dark`, async ({ page, fail }) => {
    await onScreen(page, width);
    await fail('policy', SLOW);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route(`**${SETTINGS}/session-policy`, async (route) => {
      await held;
      await route.continue();
    });
    await openAtOnce(page);
    await hydrated(page);
    await expect(section(page, 'Session policy').locator('.skeleton')).toBeVisible();

    await expectWellDesigned(page);
    await fail('policy', null);
    letGo();

    await expect(section(page, 'Session policy').locator('.facts')).toBeVisible();
  });

  test(`what takes the place of a skeleton is well designed at ${width} pixels, in light and in dark`, async ({
    page,
    fail,
    allowConsole,
  }) => {
    allowConsole(/net::ERR_FAILED/);
    await onScreen(page, width);
    await fail('policy', SLOW);
    await page.route(`**${SETTINGS}/session-policy`, (route) => route.abort());
    await openAtOnce(page);
    await expect(section(page, 'Session policy').getByRole('link', { name: 'Show session policy' })).toBeVisible();

    await expectWellDesigned(page);
  });
}
