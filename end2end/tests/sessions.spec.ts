// The token inspector, with scripts and without. What scripts add: sessions.hydrate.spec.ts. The devices below it:
// devices.spec.ts.
import { type Locator, type Page } from '@playwright/test';
import { ACME, WIDTHS, expect, expectToLookRight, giveRole, hydrated, signInAsSomebodyNew, test } from './fixtures.ts';

/** Signs in as somebody new, and opens the inspector. */
async function openInspector(page: Page): Promise<string> {
  const email = await signInAsSomebodyNew(page);
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Sessions' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tokens and devices');
  await hydrated(page);
  return email;
}

function card(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

/** What a card says below a term. */
function fact(card: Locator, term: RegExp): Locator {
  const named = card.page().getByRole('term').filter({ hasText: term });
  return card.locator('.facts > div').filter({ has: named }).getByRole('definition');
}

/** The row of a claim. */
function claim(card: Locator, name: string): Locator {
  const named = card.page().getByRole('rowheader', { name: new RegExp(`^${name}\\b`) });
  return card.getByRole('row').filter({ has: named });
}

/** Presses one of the two buttons above the tokens, and waits for the words that say that it is done. */
async function press(page: Page, name: 'Refresh now' | 'Validate now'): Promise<void> {
  const words = name === 'Refresh now' ? 'You have new tokens.' : 'The access token is valid.';
  await page.getByRole('button', { name }).click();
  await expect(page.getByRole('status').filter({ hasText: words })).toBeVisible();
}

test('the access token is taken apart: how it is signed, whether each rule is kept, what it says', async ({ page }) => {
  const email = await openInspector(page);
  const token = card(page, 'Access token');

  await expect(fact(token, /^Algorithm/)).toHaveText('RS256');
  await expect(fact(token, /^Type/)).toHaveText(/jwt/i);
  const key = await fact(token, /^Key/).innerText();
  expect(key).toMatch(/^snk_\d+$/);
  await expect(token.locator('.verdict')).toHaveText([
    /^Form.*kept$/,
    /^Algorithm.*kept$/,
    new RegExp(`^Key.*kept${key}$`),
    /^Signature.*kept$/,
    /^Audience.*kept$/,
    /^Issuer.*kept$/,
    /^Purpose.*kept$/,
    /^Expiry.*kept$/,
    /^Not before.*kept$/,
    /^Subject.*kept$/,
  ]);
  for (const [name, meaning, value] of [
    ['aud', 'whom the token is for', 'skc_emulator'],
    ['sub', 'the person', /usr_\d+/],
    ['oid', 'The organization signed in to', ACME],
    ['sid', 'The session at the identity provider', /ses_\d+/],
    ['scope', 'What the application may ask for', 'openid profile email offline_access'],
    ['roles', 'Roles in the organization', 'member'],
    ['permissions', 'What the person may do', 'workspace_data:read'],
    ['exp', 'When it ends', /\d+ \w+ \d{4}, \d\d:\d\d UTC\s*in (4|5) min · \d{10}/],
    ['iat', 'When it was made', /UTC\s*(now|\d+ s ago) · \d{10}/],
  ] as const) {
    const row = claim(token, name);
    await expect(row.getByRole('rowheader'), name).toContainText(meaning);
    await expect(row.getByRole('cell'), name).toHaveText(value);
  }
  await expect(claim(token, 'roles').getByRole('listitem')).toHaveText(['member']);
  await expect(token, 'that is for the ID token to say').not.toContainText(email);
  await expect(token).toContainText(/Ends in\s*(4 min \d\d|5 min 00) s/);
});

test('so is the ID token', async ({ page }) => {
  const email = await openInspector(page);
  const token = card(page, 'ID token');

  await expect(fact(token, /^Algorithm/)).toHaveText('RS256');
  await expect(token.locator('.verdict')).toHaveText([
    /^Form.*kept$/,
    /^Algorithm.*kept$/,
    /^Key.*keptsnk_\d+$/,
    /^Issuer.*kept$/,
    /^Audience.*kept$/,
    /^Signature.*kept$/,
    /^Expiry.*kept$/,
    /^Nonce.*kept$/,
    /^Authorized party.*kept$/,
    /^Subject.*kept$/,
    /^Purpose.*kept$/,
    // It has no such claim.
    /^Not before.*not needed$/,
    /^Access token hash.*kept$/,
  ]);
  for (const [name, meaning, value] of [
    ['email', 'E-mail address', email],
    ['name', 'What to call the person', 'Grace Hopper'],
    ['nonce', 'Ties it to the sign-in that this browser began', /^[\w-]{22,}$/],
    ['at_hash', 'Ties it to the access token', /^[\w-]{22}$/],
    ['azp', 'the application it was given to', 'skc_emulator'],
  ] as const) {
    const row = claim(token, name);
    await expect(row.getByRole('rowheader'), name).toContainText(meaning);
    await expect(row.getByRole('cell'), name).toHaveText(value);
  }
});

test('the refresh token is told of, not shown', async ({ page }) => {
  await openInspector(page);
  const token = card(page, 'Refresh token');

  await expect(fact(token, /^State/)).toHaveText('Present');
  await expect(fact(token, /^Issued/)).toHaveText(/^\d+ \w+ \d{4}, \d\d:\d\d UTC\s*(now|\d+ s ago)$/);
  await expect(fact(token, /^Rotated/)).toHaveText('Not so far');
  await expect(fact(token, /^Next automatic refresh/)).toHaveText(/^With the first request after .* UTC$/);

  await press(page, 'Refresh now');

  await expect(fact(token, /^Rotated/)).toHaveText('Once');
  await press(page, 'Refresh now');
  await expect(fact(token, /^Rotated/)).toHaveText('2 times');
});

test('checking the access token says what came of it, and leaves the tokens as they are', async ({ page }) => {
  await openInspector(page);
  const number = claim(card(page, 'Access token'), 'jti').getByRole('cell');
  const before = await number.innerText();

  await press(page, 'Validate now');

  await expect(number).toHaveText(before);
  await expect(card(page, 'Last renewal')).toContainText('The tokens are those of your sign-in.');
});

test('renewed tokens take the place of the old ones, which said the same of the person', async ({ page }) => {
  await openInspector(page);
  const number = claim(card(page, 'Access token'), 'jti').getByRole('cell');
  const before = await number.innerText();

  await press(page, 'Refresh now');

  await expect(number).not.toHaveText(before);
  const renewal = card(page, 'Last renewal');
  await expect(renewal).toContainText("Nothing changed but the tokens' own dates and numbers.");
  await expect(renewal.getByRole('time')).toHaveText(/ UTC$/);
  await expect(page.locator('.verdict[data-state="broken"], .verdict[data-state="unknown"]')).toHaveCount(0);
});

// Rules: w8
test('W8: a role that was given at the provider shows as what the renewal changed, without signing in again', async ({ page }) => {
  const email = await openInspector(page);
  const token = card(page, 'Access token');
  const renewal = card(page, 'Last renewal');
  const change = (name: string) =>
    renewal.getByRole('listitem').filter({ hasText: new RegExp(`^${name}access token`) });
  await giveRole(page, email, 'manager');

  await press(page, 'Refresh now');

  await expect(renewal.getByRole('listitem'), 'roles and permissions').toHaveCount(2);
  await expect(change('roles').getByRole('deletion')).toHaveText('["member"]');
  await expect(change('roles').getByRole('insertion')).toHaveText('["manager"]');
  await expect(change('permissions').getByRole('deletion')).not.toContainText('organization:settings');
  await expect(change('permissions').getByRole('insertion')).toContainText('organization:settings');
  await expect(claim(token, 'roles').getByRole('listitem')).toHaveText(['manager']);
  await expect(claim(token, 'permissions').getByRole('listitem')).toContainText(['organization:settings']);

  await page.getByRole('link', { name: 'Dashboard' }).click();
  await expect(page.getByRole('region', { name: 'Organization' })).toContainText('You administer this organization.');
  await expect(page.getByRole('link', { name: 'Organization', exact: true }), 'the way to its settings').toBeVisible();
});

for (const width of WIDTHS) {
  test(`the inspector looks right at ${width} pixels, with a change to show`, async ({ page }) => {
    const email = await openInspector(page);
    await giveRole(page, email, 'admin');
    await press(page, 'Refresh now');
    await expect(card(page, 'Last renewal').getByRole('insertion')).toHaveCount(2);

    await expectToLookRight(page, width);
  });
}

test('what can be copied is what claims say, and nothing else', async ({ page }) => {
  await openInspector(page);

  const offered = await page.locator('[data-copy]').evaluateAll((buttons) =>
    buttons.map((button) => ({
      text: button.getAttribute('data-copy') ?? '',
      beside: button.parentElement?.textContent ?? '',
      name: button.getAttribute('aria-label'),
      claim: button.closest('tr')?.querySelector('th code')?.textContent,
    })),
  );

  expect(offered.length).toBeGreaterThan(20);
  expect(offered).toHaveLength(await page.locator('table.claims tbody tr').count());
  for (const { text, name, claim } of offered) {
    expect(name).toBe(`Copy ${claim}`);
    expect(text, name ?? '').not.toMatch(/eyJ|^rt_/);
  }
  const sub = offered.find(({ claim }) => claim === 'sub');
  expect(sub?.text).toBe(sub?.beside);
  await expect(card(page, 'Refresh token').getByRole('button')).toHaveCount(0);
});
