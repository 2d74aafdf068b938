// What a sign-in sends to the provider and leaves in the browser.
import { emulatorUrl, expect, signIn, test } from './fixtures.ts';

async function authorizationRequest(page: import('@playwright/test').Page, query = ''): Promise<URL> {
  const answer = await page.request.get(`/auth/login${query}`, { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  return new URL(answer.headers()['location'] ?? '');
}

// Rules: w3, rfc7636-4.2, rfc9700-2.1.2
test('W3: a sign-in proves with PKCE that it is the one that began', async ({ page }) => {
  const url = await authorizationRequest(page);

  expect(url.origin).toBe(emulatorUrl());
  expect(url.searchParams.get('response_type')).toBe('code');
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  expect(url.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
});

// Rules: w4, rfc7636-4.1, transaction-unique
test('W4: every sign-in has a state, a nonce and a challenge of its own', async ({ page }) => {
  const [one, other] = [await authorizationRequest(page), await authorizationRequest(page)];

  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(one.searchParams.get(name)?.length, name).toBeGreaterThanOrEqual(22);
    expect(other.searchParams.get(name), name).not.toBe(one.searchParams.get(name));
  }
});

// Rules: core-3.1.2.1-hints
test('hints are handed on to the provider', async ({ page }) => {
  const url = await authorizationRequest(page, '?organization_id=org_1&login_hint=ada%40acme.example&prompt=login');

  expect(url.searchParams.get('organization_id')).toBe('org_1');
  expect(url.searchParams.get('login_hint')).toBe('ada@acme.example');
  expect(url.searchParams.get('prompt')).toBe('login');
});

// Rules: w12
test('W12: signing in again gives the session a new name', async ({ page, context }) => {
  const name = async () => (await context.cookies()).find((cookie) => cookie.name === 'scalekit_session')?.value;
  await signIn(page, 'Ada Admin');
  const before = await name();
  // The provider still knows her and asks nothing.
  await page.goto('/auth/login');
  await expect(page).toHaveURL('/dashboard');

  expect(before).toBeTruthy();
  expect(await name()).not.toBe(before);
});

// Rules: w22, transaction-success-removes
test('W22: the session cookie is for the server alone, and the only one that a sign-in leaves', async ({ page, context }) => {
  await signIn(page, 'Ada Admin');

  const cookies = await context.cookies(new URL(page.url()).origin);
  expect(cookies.map(({ name }) => name)).toEqual(['scalekit_session']);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' });
});
