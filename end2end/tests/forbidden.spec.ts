// Somebody who may not: which permission is missing, which there are, whom to ask, and the way back.
import { type Locator, type Page } from '@playwright/test';
import { WIDTHS, expect, expectToLookRight, hydrated, signIn, test } from './fixtures.ts';

const SETTINGS = '/organization/settings';

test.beforeEach(({ allowConsole }) => allowConsole(/status of 403/));

/** What the page says below a term. */
function fact(page: Page, term: string): Locator {
  const named = page.getByRole('term').filter({ hasText: term });
  return page.locator('.facts > div').filter({ has: named }).getByRole('definition');
}

test('the page says what is missing, what there is, and who can grant it', async ({ page }) => {
  await signIn(page, 'Max Member');

  const answer = await page.goto(SETTINGS);

  expect(answer?.status()).toBe(403);
  await expect(page).toHaveURL(SETTINGS);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You may not open this page');
  const missing = fact(page, 'Missing').getByRole('listitem');
  await expect(missing).toHaveText([/^organization:settings\s*lets you administer the organization$/]);
  await expect(fact(page, 'You have').getByRole('listitem')).toHaveText(['workspace_data:read']);
  const whom = fact(page, 'Who can grant it');
  await expect(whom.getByRole('listitem').filter({ hasText: 'Ada Admin' })).toHaveCount(1);
  await expect(whom.getByRole('link', { name: 'ada@acme.example' })).toHaveAttribute('href', 'mailto:ada@acme.example');
  await expect(whom, 'whom asking would not help').not.toContainText(/Max|Benoît/);
  await expect(page.getByText('Error 403')).toBeVisible();
  await expect(page.locator('.problem-reference code')).toHaveText(answer?.headers()['x-request-id'] ?? '');
});

test('there is a way back, and no way is offered that leads here', async ({ page }) => {
  await signIn(page, 'Max Member');
  await page.goto(SETTINGS);
  await hydrated(page);

  await expect(page.locator(`a[href^="${SETTINGS}"]`)).toHaveCount(0);
  await page.getByRole('link', { name: 'Back to your dashboard' }).click();

  await expect(page).toHaveURL('/dashboard');
  await expect(page.locator(`a[href^="${SETTINGS}"]`)).toHaveCount(0);
});

test('each section of the settings is refused alike, and says what it would take', async ({ page }) => {
  await signIn(page, 'Max Member');

  for (const [section, permission] of [
    ['profile', 'sk_org_settings_read'],
    ['members', 'sk_org_users_read'],
    ['roles', 'sk_org_users_read'],
    ['single-sign-on', 'sk_org_sso_read'],
    ['directories', 'sk_org_scim_read'],
    ['domains', 'sk_org_settings_read'],
    ['session-policy', 'sk_org_session_policy_read'],
  ] as const) {
    const answer = await page.goto(`${SETTINGS}/${section}`);
    expect(answer?.status(), section).toBe(403);
    await expect(fact(page, 'Missing').getByRole('listitem')).toContainText(['organization:settings', permission]);
    await expect(page.getByRole('main')).not.toContainText('Acme Corp');
  }
});

// Rules: w17, w28
test('W17: scripts are told the same as JSON, wherever in the list it stands', async ({ page }) => {
  await signIn(page, 'Max Member');

  for (const accept of ['application/json', 'text/plain, application/json;q=0.9, */*']) {
    const answer = await page.request.get(SETTINGS, { headers: { accept }, maxRedirects: 0 });

    expect(answer.status()).toBe(403);
    expect(answer.headers()['content-type']).toContain('application/json');
    const said = await answer.json();
    expect(said).toEqual({
      error: 'forbidden',
      reference: answer.headers()['x-request-id'],
      missing: ['organization:settings'],
      granted: ['workspace_data:read'],
      administrators: expect.arrayContaining([{ name: 'Ada Admin', email: 'ada@acme.example' }]),
    });
  }
});

test('what may not be seen may not be done', async ({ page }) => {
  await signIn(page, 'Max Member');

  const answer = await page.request.post(`${SETTINGS}/save-profile`, {
    headers: { accept: 'application/json', origin: new URL(page.url()).origin },
    form: { name: 'Max Corp' },
  });

  expect(answer.status()).toBe(403);
  const missing = ['organization:settings', 'sk_org_settings_manage'];
  expect(await answer.json()).toMatchObject({ error: 'forbidden', missing });
});

for (const width of WIDTHS) {
  test(`the page looks right at ${width} pixels`, async ({ page }) => {
    await signIn(page, 'Max Member');
    await page.goto(SETTINGS);
    await hydrated(page);

    await expectToLookRight(page, width);
  });
}
