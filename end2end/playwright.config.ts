// The browser tests: both servers, Chromium, and every spec with JavaScript and without.
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

// This file is evaluated again in every worker. What is made up here must be the same everywhere, so it travels in the
// environment, which workers inherit.
function setting(name: string, otherwise: () => string): string {
  return (process.env[name] ??= otherwise());
}

const project = resolve(import.meta.dirname, '..');
const appPort = setting('APP_PORT', () => '3100');
const emulatorPort = setting('EMULATOR_PORT', () => '3310');
const dataDir = setting('E2E_DATA_DIR', () => mkdtempSync(join(tmpdir(), 'sign-in-e2e-')));
const serverBinary = setting('SERVER_BINARY', () => join(project, 'target/release/server'));
const emulatorBinary = setting('EMULATOR_BINARY', () => join(project, 'target/debug/emulator'));
// Specs of other providers start the same server, and a provider that is written in Python.
setting('E2E_PYTHON', () => join(project, 'target/xtask/python/bin/python'));
const sessionSecret = setting('E2E_SESSION_SECRET', () => randomBytes(32).toString('base64'));
const app = `http://localhost:${appPort}`;
const emulator = `http://127.0.0.1:${emulatorPort}`;
const callback = `${app}/auth/callback`;

// Specs may ask the emulator's control API for faults, and look up reference numbers in the server's log.
setting('EMULATOR_URL', () => emulator);
const serverLog = setting('SERVER_LOG', () => join(dataDir, 'server.log'));
const emulatorLog = join(dataDir, 'emulator.log');

// A program whose output goes to a file, and to the terminal only when it does not even start.
function logged(command: string, log: string): string {
  return `${command} > '${log}' 2>&1 || { code=$?; cat '${log}' >&2; exit $code; }`;
}

const chromium = process.env['CHROMIUM_PATH'];
// Tests talk to this machine only: whatever the browser would fetch for itself is noise.
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
// Chromium refuses to run its sandbox as root, which containers usually are.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  // A test that passes only the second time has found something.
  retries: 0,
  workers: 2,
  reporter: 'list',
  // Two cores run two browsers and two servers.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices['Desktop Chrome'],
    baseURL: app,
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Without a film of each test, which would be made for those that pass as well.
    trace: { mode: 'retain-on-failure', screenshots: false },
    navigationTimeout: 30_000,
    actionTimeout: 15_000,
    launchOptions: { ...(chromium ? { executablePath: chromium } : {}), args: [...quiet, ...sandbox] },
  },
  projects: [
    { name: 'javascript', testIgnore: '**/*.plain.spec.ts' },
    { name: 'no-javascript', use: { javaScriptEnabled: false }, testIgnore: '**/*.hydrate.spec.ts' },
    // Other people's providers, each with a server of its own.
    { name: 'providers', testDir: 'providers' },
    { name: 'size', testDir: 'size' },
  ],
  webServer: [
    {
      command: logged(
        `'${emulatorBinary}' --listen 127.0.0.1:${emulatorPort} --redirect-uri ${callback}`,
        emulatorLog,
      ),
      url: `${emulator}/.well-known/openid-configuration`,
      cwd: project,
    },
    {
      command: logged(`'${serverBinary}'`, serverLog),
      url: `http://127.0.0.1:${appPort}/readyz`,
      cwd: project,
      env: {
        LEPTOS_SITE_ADDR: `127.0.0.1:${appPort}`,
        SCALEKIT_ENV_URL: emulator,
        SCALEKIT_CLIENT_ID: 'skc_emulator',
        SCALEKIT_CLIENT_SECRET: 'emulator-secret-not-for-production',
        SCALEKIT_REDIRECT_URI: callback,
        SESSION_STORE_URL: `sqlite:${join(dataDir, 'sessions.db')}`,
        SESSION_SECRETS: sessionSecret,
      },
    },
  ],
});
