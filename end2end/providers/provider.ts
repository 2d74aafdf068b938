// What the specs of other providers start from: for each test a provider and a server of ours that signs in through it,
// both on ports of their own.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { test as base, expect } from '../tests/fixtures.ts';
import { freePorts, inherited, server, whileRunning } from '../tests/programs.ts';

export { expect, expectSignedIn, expectSignedOut, hydrated } from '../tests/fixtures.ts';

/** Our application as the provider must know it. */
export type Client = {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  postLogoutRedirectUri: string;
};

/** A provider that can be started. */
export type Provider = {
  /** Its issuer, when it listens on this port. */
  issuer: (port: number) => string;
  /** The program and its arguments. */
  command: (port: number, client: Client) => [string, ...string[]];
};

type Options = {
  /** Who signs people in: `test.use({ provider: … })`. */
  provider: Provider | undefined;
  /** Environment variables of our server, beside those that every server needs. */
  settings: Record<string, string>;
};

type Fixtures = {
  /** The issuer of the provider, which runs. */
  issuer: string;
  ports: { provider: number; app: number };
  client: Client;
};

export const test = base.extend<Options & Fixtures>({
  provider: [undefined, { option: true }],
  settings: [{}, { option: true }],
  ports: async ({}, use) => use(await freePorts()),
  client: async ({ ports }, use) =>
    use({
      clientId: 'leptos',
      // HTTP Basic encodes the secret before it adds it (RFC 6749 §2.3.1); one that needs no encoding would prove nothing.
      clientSecret: 'not: a secret, 100 % odd + ends in /&=',
      redirectUri: `http://localhost:${ports.app}/auth/callback`,
      postLogoutRedirectUri: `http://localhost:${ports.app}`,
    }),
  issuer: async ({ provider, ports, client }, use, info) => {
    if (provider === undefined) {
      throw new Error('say which provider with test.use({ provider: … })');
    }
    const issuer = provider.issuer(ports.provider);
    await whileRunning(
      {
        command: provider.command(ports.provider, client),
        environment: inherited(),
        readyAt: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
        log: info.outputPath('provider.log'),
      },
      () => use(issuer),
    );
  },
  // The browser is given this address only once somebody answers there.
  baseURL: async ({ issuer, ports, client, settings }, use, info) => {
    const connection = {
      SCALEKIT_ENV_URL: issuer,
      SCALEKIT_CLIENT_ID: client.clientId,
      SCALEKIT_CLIENT_SECRET: client.clientSecret,
      SCALEKIT_REDIRECT_URI: client.redirectUri,
    };
    const program = server(ports.app, { ...connection, ...settings }, info.outputPath('server.log'));
    await whileRunning(program, () => use(`http://localhost:${ports.app}`));
  },
  // Pages of these providers take fonts and styles from elsewhere; a test needs neither, nor the network.
  context: async ({ context }, use) => {
    await context.route(
      (url) => !['localhost', '127.0.0.1'].includes(url.hostname),
      (route) => route.fulfill({ body: '', contentType: 'text/css' }),
    );
    await use(context);
  },
});

/** Finds this person, with these roles and permissions, on the dashboard that is open. */
export async function expectDashboard(
  page: Page,
  person: { name: string; email: string; roles: string[]; permissions: string[] },
): Promise<void> {
  await expect(page).toHaveURL('/dashboard');
  const profile = page.getByRole('region', { name: 'Profile' });
  await expect(profile).toContainText(person.name);
  await expect(profile).toContainText(person.email);
  const roles = page.getByRole('region', { name: 'Organization' }).getByRole('listitem');
  await expect(roles).toHaveText(person.roles);
  const permissions = page.getByRole('region', { name: 'Permissions' }).getByRole('listitem');
  await expect(permissions).toHaveText(person.permissions);
}

/** Presses the button in the header; where that leads is the provider's business. */
export async function startSigningOut(page: Page): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
}

/** Has come back from signing out. */
export async function expectToHaveSignedOut(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are signed out');
}

/** A file of this folder. */
export function beside(name: string): string {
  return join(import.meta.dirname, name);
}
