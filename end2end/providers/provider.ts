// What the specs of other providers start from: for each test a provider and a server of ours that signs in through it,
// both on ports of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { test as base, expect } from '../tests/fixtures.ts';

export { expect, expectSignedIn, expectSignedOut } from '../tests/fixtures.ts';

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
    await whileRunning(
      {
        command: [process.env['SERVER_BINARY'] ?? ''],
        environment: {
          ...inherited(),
          LEPTOS_SITE_ADDR: `127.0.0.1:${ports.app}`,
          SCALEKIT_ENV_URL: issuer,
          SCALEKIT_CLIENT_ID: client.clientId,
          SCALEKIT_CLIENT_SECRET: client.clientSecret,
          SCALEKIT_REDIRECT_URI: client.redirectUri,
          SESSION_STORE_URL: 'memory:',
          SESSION_SECRETS: randomBytes(32).toString('base64'),
          ...settings,
        },
        readyAt: `http://127.0.0.1:${ports.app}/readyz`,
        log: info.outputPath('server.log'),
      },
      () => use(`http://localhost:${ports.app}`),
    );
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

/** In milliseconds. Python takes one or two seconds on an idle machine. */
const READY_WITHIN = 20_000;

type Program = {
  command: [string, ...string[]];
  environment: NodeJS.ProcessEnv;
  /** Answers with success once the program is ready. */
  readyAt: string;
  /** Where its output goes. */
  log: string;
};

/** Starts a program, does `work` once it is ready, and stops it. */
async function whileRunning({ command, environment, readyAt, log }: Program, work: () => Promise<void>): Promise<void> {
  const [file, ...args] = command;
  const output = openSync(log, 'w');
  const child = spawn(file, args, {
    cwd: resolve(import.meta.dirname, '../..'),
    env: environment,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  // Should this process be told to end in the middle of a test.
  const stop = () => void child.kill();
  process.once('exit', stop);
  try {
    await once(child, 'spawn');
    const latest = Date.now() + READY_WITHIN;
    while (!(await answers(readyAt))) {
      if (hasEnded(child) || Date.now() > latest) {
        throw new Error(`${file} did not get ready:\n${readFileSync(log, 'utf8')}`);
      }
      await pause(50);
    }
    await work();
  } finally {
    process.off('exit', stop);
    if (child.pid !== undefined && !hasEnded(child)) {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** The environment without what configures a server of ours: each test says that itself. */
function inherited(): NodeJS.ProcessEnv {
  const isOurs = /^(SCALEKIT|SESSION|LEPTOS)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs.test(name)));
}

/** Two ports nobody listens on. Held until both are known, so that they differ. */
async function freePorts(): Promise<{ provider: number; app: number }> {
  const held = [createServer(), createServer()] as const;
  await Promise.all(held.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const [provider, app] = held.map((server) => (server.address() as AddressInfo).port) as [number, number];
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return { provider, app };
}
