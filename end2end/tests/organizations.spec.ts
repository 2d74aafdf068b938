// Someone in several organizations: which one is active, and switching. With several tabs:
// organizations.hydrate.spec.ts and organizations.plain.spec.ts.
import { type Locator, type Page } from '@playwright/test';
import {
  ACME,
  GLOBEX,
  WIDTHS,
  continueAs,
  expect,
  expectSignedIn,
  expectToLookRight,
  followElsewhere,
  hydrated,
  signIn,
  test,
} from './fixtures.ts';

/** Signs in as Olga, who administers Globex and is a member of Acme, and opens her organizations. */
async function openOrganizations(page: Page, organization: string): Promise<void> {
  await page.goto(`/auth/login?organization_id=${organization}`);
  await continueAs(page, 'Olga Orgs');
  await expect(page).toHaveURL('/dashboard');
  await page.getByRole('region', { name: 'Organization' }).getByRole('link', { name: 'Your organizations' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your organizations');
  await hydrated(page);
}

function row(page: Page, name: string): Locator {
  return page.getByRole('region', { name: 'Organizations' }).getByRole('listitem').filter({ hasText: name });
}

/** Nothing on the page that is open is of this organization. Other sessions may be, of which the devices tell. */
async function expectNothingOf(page: Page, organization: string): Promise<void> {
  const cards = page.locator('main section:not(#devices)');
  expect(await cards.count()).toBeGreaterThan(3);
  for (const text of await cards.allInnerTexts()) expect(text).not.toContain(organization);
  await expect(page.getByRole('banner')).not.toContainText(organization);
}

test('both organizations are listed, with what she is there, and one is active', async ({ page }) => {
  await openOrganizations(page, GLOBEX);

  await expect(page.getByRole('region', { name: 'Organizations' }).getByRole('listitem')).toHaveCount(2);
  await expect(row(page, 'Globex')).toContainText(`Administrator · ${GLOBEX}`);
  await expect(row(page, 'Globex').getByText('Active')).toBeVisible();
  await expect(row(page, 'Globex').getByRole('button')).toHaveCount(0);
  await expect(row(page, 'Acme Corp')).toContainText(`Member · ${ACME}`);
  await expect(row(page, 'Acme Corp').getByText('Active')).toHaveCount(0);
  await expect(row(page, 'Acme Corp').getByRole('button')).toHaveAccessibleName('Switch to Acme Corp');
});

test('switching there and back leaves nothing of the organization before', async ({ page }) => {
  await openOrganizations(page, GLOBEX);
  const organization = page.getByRole('region', { name: 'Organization' });

  for (const { name, now, before, roles, administers } of [
    { name: 'Acme Corp', now: ACME, before: GLOBEX, roles: ['member'], administers: false },
    { name: 'Globex', now: GLOBEX, before: ACME, roles: ['admin'], administers: true },
  ]) {
    await row(page, name).getByRole('button').click();

    // The provider knows her, and asks nothing.
    await expect(page).toHaveURL('/dashboard');
    await expect(organization).toContainText(now);
    await expect(organization.getByRole('listitem')).toHaveText(roles);
    await expect(page.getByRole('link', { name: 'Organization', exact: true })).toHaveCount(administers ? 1 : 0);
    await expectNothingOf(page, before);
    await page.goto('/sessions');
    await expect(page.getByRole('region', { name: 'Access token' })).toContainText(now);
    await expect(page.getByRole('region', { name: 'ID token' })).toContainText(now);
    await expectNothingOf(page, before);

    await page.goto('/organizations');
    await expect(row(page, name).getByText('Active')).toBeVisible();
  }
});

test('the rights of one organization are no rights in the other', async ({ page, allowConsole }) => {
  allowConsole(/status of 403/);
  await openOrganizations(page, GLOBEX);
  expect((await page.goto('/organization/settings'))?.status()).toBe(200);
  await page.goto('/organizations');

  await row(page, 'Acme Corp').getByRole('button').click();
  await expect(page).toHaveURL('/dashboard');

  expect((await page.goto('/organization/settings'))?.status()).toBe(403);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You may not open this page');
  await expect(page.getByRole('main')).not.toContainText(/Globex|olga@globex\.example/);
});

test('the session of the organization before is over', async ({ page, context, browser, watch }) => {
  await openOrganizations(page, GLOBEX);
  const before = await browser.newContext({ storageState: await context.storageState() });
  watch(before);
  const kept = await before.newPage();
  await expectSignedIn(kept);

  await row(page, 'Acme Corp').getByRole('button').click();
  await expect(page).toHaveURL('/dashboard');

  await kept.goto('/dashboard');
  await expect(kept).toHaveURL(/\/login\?/);
});

test('someone in one organization sees it, and nothing to switch to', async ({ page }) => {
  await signIn(page, 'Max Member');
  await page.goto('/organizations');

  await expect(page.getByRole('region', { name: 'Organizations' }).getByRole('listitem')).toHaveCount(1);
  await expect(row(page, 'Acme Corp')).toContainText(`Member · ${ACME}`);
  await expect(row(page, 'Acme Corp').getByText('Active')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Switch/ })).toHaveCount(0);
});

for (const width of WIDTHS) {
  test(`the organizations look right at ${width} pixels`, async ({ page }) => {
    await openOrganizations(page, GLOBEX);

    await expectToLookRight(page, width);
  });
}

test('a link on another site switches nobody without being asked', async ({ page }) => {
  await openOrganizations(page, GLOBEX);
  const switching = { prompt: 'select_account', organization_id: ACME };

  await followElsewhere(page, new URL(`/auth/login?${new URLSearchParams(switching)}`, page.url()));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in again?');
  await page.getByRole('link', { name: 'Stay signed in' }).click();
  await expect(page.getByRole('region', { name: 'Organization' })).toContainText(GLOBEX);

  await page.goBack();
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('region', { name: 'Organization' })).toContainText(ACME);
});
