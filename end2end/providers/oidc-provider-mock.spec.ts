// Python's `oidc-provider-mock`: a discovery document that leaves out whatever it may, ID tokens that do not name their
// key, and all claims in them.
import { type Provider, expect, expectDashboard, expectSignedOut, expectToHaveSignedOut, startSigningOut, test } from './provider.ts';

const ada = {
  sub: 'ada',
  name: 'Ada Admin',
  email: 'ada@acme.example',
  'https://acme.example/roles': ['admin'],
  app: { permissions: ['organization:settings'] },
};

test.use({
  provider: oidcProviderMock(),
  settings: {
    SCALEKIT_ROLES_CLAIM: 'roles,https://acme.example/roles',
    SCALEKIT_PERMISSIONS_CLAIM: '/app/permissions',
  },
});

test('a person signs in, sees her rights, and signs out', async ({ page }) => {
  await page.goto('/auth/login');
  await page.getByRole('button', { name: 'ada', exact: true }).click();

  await expectDashboard(page, { ...ada, roles: ['admin'], permissions: ['organization:settings'] });

  await startSigningOut(page);
  await page.getByRole('button', { name: 'End session' }).click();
  await expectToHaveSignedOut(page);
  await expectSignedOut(page);
});

test('someone who says no is not signed in', async ({ page, allowConsole }) => {
  allowConsole(/status of 400/);
  await page.goto('/auth/login');
  await page.getByRole('button', { name: 'Deny' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Access was denied');
  await expectSignedOut(page);
});

function oidcProviderMock(): Provider {
  return {
    issuer: (port) => `http://127.0.0.1:${port}`,
    command: (port) => [
      process.env['E2E_PYTHON'] ?? '',
      ...['-m', 'oidc_provider_mock', '--port', String(port), '--user-claims', JSON.stringify(ada)],
    ],
  };
}
