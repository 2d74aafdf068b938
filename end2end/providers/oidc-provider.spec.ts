// npm's `oidc-provider`: certified, strict, and set up in the ways that differ most from Scalekit.
import type { Page } from '@playwright/test';
import type { Options } from './oidc-provider.mjs';
import {
  type Client,
  type Provider,
  beside,
  expect,
  expectDashboard,
  expectSignedIn,
  expectSignedOut,
  expectToHaveSignedOut,
  hydrated,
  startSigningOut,
  test,
} from './provider.ts';

const ada = {
  name: 'Ada Admin',
  email: 'ada@acme.example',
  roles: ['admin', 'auditor'],
  permissions: ['organization:settings', 'members:manage'],
};
const rights = {
  SCALEKIT_SCOPES: 'openid profile email rights',
  SCALEKIT_ROLES_CLAIM: '/realm_access/roles',
  SCALEKIT_PERMISSIONS_CLAIM: 'app_permissions',
};

test.describe('with opaque access tokens, where only UserInfo knows name and rights,', () => {
  test.use({ provider: oidcProvider({}), settings: rights });

  test('a person signs in, sees her rights, and signs out', async ({ page }) => {
    await page.goto('/auth/login');
    await signInAsAda(page);

    await expectDashboard(page, ada);

    await startSigningOut(page);
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await expectToHaveSignedOut(page);
    await expectSignedOut(page);
  });

  test('after signing out the provider asks who you are', async ({ page }) => {
    await page.goto('/auth/login');
    await signInAsAda(page);
    await startSigningOut(page);
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await expectToHaveSignedOut(page);

    await page.goto('/auth/login');

    await expect(page.getByPlaceholder('Enter any login')).toBeVisible();
  });

  test('someone who stays signed in there is signed out here', async ({ page }) => {
    await page.goto('/auth/login');
    await signInAsAda(page);
    await startSigningOut(page);
    await expect(page.getByRole('button', { name: 'No, stay signed in' })).toBeVisible();

    await expectSignedOut(page);
  });

  test('someone who cancels is not signed in', async ({ page, allowConsole }) => {
    allowConsole(/status of 403/);
    await page.goto('/auth/login');
    await page.getByRole('link', { name: 'Cancel' }).click();

    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Access was denied');
    await expectSignedOut(page);
  });
});

test.describe('with refresh tokens that work once,', () => {
  const scopes = 'openid profile email offline_access rights';
  test.use({ provider: oidcProvider({}), settings: { ...rights, SCALEKIT_SCOPES: scopes } });

  // Rules: rfc6749-6-new-refresh-token
  test('tokens are renewed again and again, each time with the newest refresh token', async ({ page }) => {
    // It gives a refresh token only to whom the person has just agreed to (Core §11).
    await page.goto('/auth/login?prompt=consent');
    await signInAsAda(page);
    await expectDashboard(page, ada);
    await hydrated(page);

    for (const round of ['first', 'second']) {
      const answer = page.waitForResponse((response) => new URL(response.url()).pathname === '/sessions/refresh-token');
      await page.getByRole('button', { name: /Refresh/ }).click();
      expect(await (await answer).json(), `the ${round} time`).toMatchObject({ success: true });
      await expect(page.getByRole('status').filter({ hasText: 'You have new tokens.' })).toBeVisible();
    }

    await expectSignedIn(page);
    await expectDashboard(page, ada);
  });
});

test.describe('where authorization requests must be pushed,', () => {
  test.use({ provider: oidcProvider({ requirePushedRequests: true }), settings: rights });

  test('the browser carries nothing but a reference to the request', async ({ page }) => {
    const asked = page.waitForRequest((request) => request.url().includes('/authorize-here?'));
    await page.goto('/auth/login');
    expect([...new URL((await asked).url()).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);

    await signInAsAda(page);
    await expectDashboard(page, ada);
  });
});

test.describe('with ES256, access tokens that are JWTs, and an issuer that ends in a slash,', () => {
  const provider = oidcProvider({ alg: 'ES256', accessTokens: 'jwt' }, '/realms/acme/');
  test.use({ provider, settings: rights });

  test('a person signs in, sees her rights, and signs out', async ({ page }) => {
    await page.goto('/auth/login');
    await signInAsAda(page);

    await expectDashboard(page, ada);

    await startSigningOut(page);
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await expectToHaveSignedOut(page);
    await expectSignedOut(page);
  });
});

test.describe('without a logout endpoint,', () => {
  test.use({ provider: oidcProvider({ logout: false }) });

  test('signing out ends the session here, and the next sign-in needs no password', async ({ page }) => {
    await page.goto('/auth/login');
    await signInAsAda(page);
    await expectSignedIn(page);

    await startSigningOut(page);
    await expectToHaveSignedOut(page);
    await expectSignedOut(page);

    await page.goto('/auth/login');
    await expectSignedIn(page);
  });
});

function oidcProvider(variant: Partial<Options>, path = '/realms/acme'): Provider {
  const issuer = (port: number) => `http://127.0.0.1:${port}${path}`;
  const options = (port: number, client: Client): Options => ({
    issuer: issuer(port),
    alg: 'RS256',
    accessTokens: 'opaque',
    requirePushedRequests: false,
    logout: true,
    ...client,
    ...variant,
  });
  return {
    issuer,
    command: (port, client) => [process.execPath, beside('oidc-provider.mjs'), JSON.stringify(options(port, client))],
  };
}

/** On the provider's pages: says who it is, and agrees to what the application asks for. */
async function signInAsAda(page: Page): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill('ada');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('/dashboard');
}
