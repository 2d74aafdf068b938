// What the specs of the organization's settings start from: an emulator and a server of their own, whose organizations
// may be changed and whose management API may fail, and the verbs of an administrator.
import { dirname, join } from 'node:path';
import { type Locator, type Page } from '@playwright/test';
import { axe, continueAs, continueWithEmail, test as base, enterCode, expect, hydrated } from './fixtures.ts';
import { freePorts, inherited, server, whileRunning } from './programs.ts';

export { expect };

export const SETTINGS = '/organization/settings';

/** The sections, in the order of the page, with the last part of their own page's address. */
export const SECTIONS = [
  ['Profile', 'profile'],
  ['Members', 'members'],
  ['Roles', 'roles'],
  ['Single sign-on', 'single-sign-on'],
  ['Directory sync', 'directories'],
  ['Domains', 'domains'],
  ['Session policy', 'session-policy'],
] as const;

/** The parts of the management API that can be made to fail. */
type Endpoint = 'organization' | 'members' | 'roles' | 'connections' | 'directories' | 'domains' | 'policy' | 'portal';

type Fault = { fault: 'status' | 'delay'; value: number };

type Fixtures = {
  /** Makes a part of the management API fail, until the test is over or it is told to be well again. */
  fail: (endpoint: Endpoint, fault: Fault | null) => Promise<void>;
};

type Servers = {
  /** Where this worker's own application and its own emulator are: no other test sees what happens to them. */
  servers: { app: string; emulator: string };
};

export const test = base.extend<Fixtures, Servers>({
  servers: [
    async ({}, use, worker) => {
      const ports = await freePorts();
      const emulator = `http://127.0.0.1:${ports.provider}`;
      const app = `http://localhost:${ports.app}`;
      const log = (name: string) =>
        join(dirname(process.env['SERVER_LOG'] ?? ''), `settings-${worker.workerIndex}-${name}.log`);
      const provider = {
        command: [
          process.env['EMULATOR_BINARY'] ?? '',
          ...['--listen', `127.0.0.1:${ports.provider}`, '--redirect-uri', `${app}/auth/callback`],
        ] as [string, ...string[]],
        environment: inherited(),
        readyAt: `${emulator}/.well-known/openid-configuration`,
        log: log('emulator'),
      };
      const settings = {
        SCALEKIT_ENV_URL: emulator,
        SCALEKIT_CLIENT_ID: 'skc_emulator',
        SCALEKIT_CLIENT_SECRET: 'emulator-secret-not-for-production',
        SCALEKIT_REDIRECT_URI: `${app}/auth/callback`,
      };
      await whileRunning(provider, () =>
        whileRunning(server(ports.app, settings, log('server')), () => use({ app, emulator })),
      );
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: ({ servers }, use) => use(servers.app),
  fail: async ({ servers }, use) => {
    const faults = `${servers.emulator}/_emulator/faults`;
    await use(async (endpoint, fault) => {
      const answer = await fetch(`${faults}/${endpoint}`, {
        method: fault ? 'PUT' : 'DELETE',
        headers: { 'content-type': 'application/json' },
        ...(fault && { body: JSON.stringify(fault) }),
      });
      expect(answer.ok, `fault of ${endpoint}`).toBe(true);
    });
    await fetch(faults, { method: 'DELETE' });
  },
});

/** Whether the pages of this test run scripts. */
export function scripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Who may do what: everything at Acme, some of it at Acme, everything at an organization that has set up nothing. */
export type Person = 'Ada' | 'Ayesha' | 'Olga';

/** Signs in, and opens a page of the settings in full. */
export async function openSettings(page: Page, person: Person, path = SETTINGS): Promise<void> {
  // Without scripts the page waits for what is slow only if it is told to, and this machine may be busy.
  const next = path === SETTINGS && !scripted() ? `${SETTINGS}?wait` : path;
  await page.goto(`/auth/login?next=${encodeURIComponent(next)}`);
  if (person === 'Ada') {
    await continueAs(page, 'Ada Admin');
  } else if (person === 'Olga') {
    await continueAs(page, 'Olga Orgs');
    await page.getByRole('button', { name: /^Globex/ }).click();
  } else {
    await continueWithEmail(page, 'ayesha@acme.example');
    await enterCode(page, '424242');
  }
  await expect(page).toHaveURL(next);
  await settled(page);
}

/** Waits until the page is interactive, and everything on it has arrived. */
export async function settled(page: Page): Promise<void> {
  await hydrated(page);
  await expect(page.locator('[data-pending]')).toHaveCount(0);
}

/** A section of the page. */
export function section(page: Page, title: string): Locator {
  return page.getByRole('region', { name: title, exact: true });
}

/** The entry of a list in `place` that says `text`. */
export function row(place: Locator, text: string): Locator {
  return place.locator('.row').filter({ hasText: text });
}

/** Opens what a disclosure in `place` hides. */
export async function unfold(place: Locator, summary: string): Promise<void> {
  await place.locator('summary').filter({ hasText: summary }).click();
}

/** The page says `text`: beside what was done, or at its top where it was loaded anew. */
export async function expectTold(page: Page, text: string): Promise<void> {
  await expect(page.getByRole('main').getByRole('status').filter({ hasText: text })).toBeVisible();
}

/** Does as the signed-in person what a form at `path` would do, while the page that is shown knows nothing of it. */
export async function changeElsewhere(page: Page, path: string, form: Record<string, string>): Promise<void> {
  const headers = { accept: 'application/json', origin: new URL(page.url()).origin };
  const answer = await page.request.post(`${SETTINGS}/${path}`, { form, headers });
  expect(await answer.json()).toMatchObject({ success: true });
}

/** A switch is on, or off. */
export async function expectSwitch(place: Locator, name: string, on: boolean): Promise<void> {
  await expect(place.getByRole('switch', { name, exact: true })).toHaveAttribute('aria-checked', String(on));
}

/** How wide screens are on which pages are judged, in pixels: a phone's, a desk's. Each is a test of its own. */
export const WIDTHS = [360, 1440];

/** A page that is to be judged on a screen of this width. Colours are judged when they have arrived. */
export async function onScreen(page: Page, width: number): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: 900 });
}

/** The page as it is fits on its screen, and has no accessibility problem in light and in dark. */
export async function expectWellDesigned(page: Page): Promise<void> {
  const { wanted, given } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { wanted: scrollWidth, given: clientWidth };
  });
  expect(wanted, 'width of the page').toBeLessThanOrEqual(given);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await axe(page);
  }
}
