// npm's `oauth2-mock-server`: as little as a provider can be, with an issuer that ends in a slash.
import type { Options } from './oauth2-mock-server.mjs';
import {
  type Client,
  type Provider,
  beside,
  expect,
  expectDashboard,
  expectSignedOut,
  expectToHaveSignedOut,
  startSigningOut,
  test,
} from './provider.ts';

const john = { name: 'John Doe', email: 'john@acme.example' };

test.describe('with access tokens that are for nobody in particular', () => {
  test.use({ provider: oauth2MockServer(() => ({})) });

  test.describe('and are not read,', () => {
    test.use({ settings: { SCALEKIT_ACCESS_TOKEN: 'opaque' } });

    test('a person signs in with what UserInfo says, and signs out', async ({ page }) => {
      await page.goto('/auth/login');

      await expectDashboard(page, { ...john, roles: ['reader'], permissions: ['workspace_data:read'] });

      await startSigningOut(page);
      await expectToHaveSignedOut(page);
      await expectSignedOut(page);
    });
  });

  test('nobody is signed in, unless told not to read them', async ({ page, allowConsole }) => {
    allowConsole(/status of 5\d\d/);
    await page.goto('/auth/login');

    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The sign-in could not be verified');
    await expectSignedOut(page);
  });
});

test.describe('with access tokens for us,', () => {
  test.use({ provider: oauth2MockServer(({ clientId }) => ({ audience: clientId })) });

  test('rights are those of the access token, the name is from UserInfo', async ({ page }) => {
    await page.goto('/auth/login');

    await expectDashboard(page, { ...john, roles: ['writer'], permissions: ['workspace_data:write'] });
  });
});

function oauth2MockServer(variant: (client: Client) => Partial<Options>): Provider {
  const options = (port: number, client: Client): Options => ({ port, ...variant(client) });
  return {
    issuer: (port) => `http://127.0.0.1:${port}/`,
    command: (port, client) => [
      process.execPath,
      beside('oauth2-mock-server.mjs'),
      JSON.stringify(options(port, client)),
    ],
  };
}
