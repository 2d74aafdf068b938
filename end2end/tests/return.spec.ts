// Where a sign-in ends: the page that was asked for, and never another site (promise 6).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appUrl,
  continueAs,
  emulatorUrl,
  enterCode,
  expect,
  hydrated,
  newAddress,
  signIn,
  test,
} from './fixtures.ts';

// Rules: w11, next-kept
test('W11: a deep link survives the sign-in, with its query', async ({ page }) => {
  await page.goto('/dashboard?tab=claims&from=mail%20box');

  await expect(page.getByRole('status')).toHaveText('Sign in to open that page.');
  expect(new URL(page.url()).searchParams.get('next')).toBe('/dashboard?tab=claims&from=mail%20box');
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL('/dashboard?tab=claims&from=mail%20box');
});

// Rules: w11, next-kept
test('W11: a deep link survives a sign-in by e-mail too', async ({ page }) => {
  await page.goto('/dashboard?tab=claims');
  await page.getByLabel('Work e-mail').fill(newAddress());
  await page.getByRole('button', { name: 'Continue with e-mail' }).click();
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await enterCode(page, '424242');

  await expect(page).toHaveURL('/dashboard?tab=claims');
});

// The nastiest of the corpus that auth/tests/suite/open_redirects.rs goes through. All end on the dashboard.
const hostile = [
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/%5Cevil.example',
  '/%2F/evil.example',
  '/%09/evil.example',
  '/.%09./%09/evil.example',
  '/..//evil.example',
  '/%252f/evil.example',
  '//app.example@evil.example',
  '/%EF%BC%8Fevil.example',
  '/dashboard%0D%0ASet-Cookie:%20a=b',
  'javascript:alert(1)',
];
// Odd, but here.
const harmless = { '/@evil.example': '/@evil.example', '/https:evil.example': '/https:evil.example' };

// Rules: w11, next-browser, next-hostile, next-login-page, rfc9700-2.1
test('W11: a sign-in never ends elsewhere, wherever it is told to', async ({ page, context, allowConsole }) => {
  allowConsole(/status of 404/);
  const corpus = await readFile(join(import.meta.dirname, '../../auth/tests/open-redirects.txt'), 'utf8');
  const elsewhere = new Set<string>();
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (![appUrl(), emulatorUrl()].includes(origin) && protocol !== 'data:') elsewhere.add(request.url());
  });
  // Once with all its steps; from then on the provider knows her and asks nothing.
  await signIn(page, 'Ada Admin');

  for (const [next, end] of [...hostile.map((next) => [next, '/dashboard'] as const), ...Object.entries(harmless)]) {
    expect(corpus.split('\n'), 'the corpus').toContain(next);
    await context.clearCookies({ name: 'scalekit_session' });
    await page.goto(`/login?next=${next}`, { waitUntil: 'domcontentloaded' });
    await hydrated(page);
    await page.getByRole('link', { name: 'Continue with Scalekit' }).press('Enter');
    await page.waitForURL((url) => url.origin === appUrl() && url.pathname !== '/login', { waitUntil: 'commit' });
    expect(page.url(), next).toBe(`${appUrl()}${end}`);
    // Signed in already, the sign-in page leads straight there.
    await page.goto(`/login?next=${next}`, { waitUntil: 'commit' });
    expect(page.url(), next).toBe(`${appUrl()}${end}`);
  }

  expect([...elsewhere]).toEqual([]);
});
