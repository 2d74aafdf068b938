// What every spec starts from: a page whose console must stay silent, and the verbs of a visitor.
import { randomUUID } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type Page, test as base, expect } from '@playwright/test';
import { type Wire, wireOf } from './wire.ts';

export { expect };

/** The emulator's organizations. */
export const ACME = 'org_59615193906282635';
export const GLOBEX = 'org_61022748190511244';

type Fixtures = {
  /** Console messages this test provokes on purpose: `allowConsole(/status of 403/)`. */
  allowConsole: (pattern: RegExp) => void;
  /**
   * Watches one more context, for tests that open their own, and closes it in the end. The test's own `page` is watched
   * already.
   */
  watch: (context: BrowserContext) => void;
  /** What the app sends to the contexts that are watched. */
  wire: Wire;
};

type Judges = { silentConsole: void; noTokenOnTheWire: void; allowed: RegExp[]; said: string[] };

export const test = base.extend<Fixtures & Judges>({
  allowed: async ({}, use) => use([]),
  said: async ({}, use) => use([]),
  allowConsole: async ({ allowed }, use) => use((pattern) => void allowed.push(pattern)),
  wire: async ({ baseURL }, use) => use(wireOf(baseURL ?? '')),
  watch: async ({ context: own, said, wire }, use) => {
    const others: BrowserContext[] = [];
    await use((context) => {
      if (context !== own) others.push(context);
      wire.watch(context);
      context.on('console', (message) => {
        if (['warning', 'error', 'assert'].includes(message.type())) {
          said.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        }
      });
      context.on('weberror', (error) => said.push(`uncaught: ${error.error().message} (${error.page()?.url()})`));
    });
    // Now that console and wire have been judged: what a page was still loading fails when it is closed, and says so.
    for (const context of others) await context.close();
  },
  // No hydration mismatch, blocked inline script or failed request goes unnoticed.
  silentConsole: [
    async ({ context, watch, said, allowed }, use) => {
      watch(context);
      await use();
      const unexpected = said.filter((line) => !allowed.some((pattern) => pattern.test(line)));
      expect(unexpected, 'console messages of level warning and above').toEqual([]);
    },
    { auto: true },
  ],
  // No answer of the app has a raw token in it, whatever the test is about.
  noTokenOnTheWire: [
    async ({ silentConsole: _, wire }, use) => {
      await use();
      expect((await wire.seen()).leaks, 'answers with a token').toEqual([]);
    },
    { auto: true },
  ],
});

/** Signs in on the emulator's page as one of its ready-made people, and waits for the first page of the app. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.goto('/auth/login');
  await continueAs(page, name);
  await page.waitForURL((url) => url.origin === new URL(appUrl()).origin && !url.pathname.startsWith('/auth/'));
}

/** On the emulator's page: chooses one of its ready-made people. */
export async function continueAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${name}\\b`) }).click();
}

/** Signs in at the emulator, but keeps the browser from returning: the address to return to is still unused. */
export async function signInButDoNotReturn(page: Page, name: string): Promise<URL> {
  let callback = '';
  // Only the first request of a chain of redirects can be held back, which is the form.
  const form = '**/sign-in/*/person';
  await page.route(form, async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 });
    callback = answer.headers()['location'] ?? '';
    await route.fulfill({ body: 'held back', contentType: 'text/plain' });
  });
  await page.goto('/auth/login');
  await continueAs(page, name);
  await expect(page.getByText('held back')).toBeVisible();
  await page.unroute(form);
  return new URL(callback);
}

/** On the emulator's page: types an address and goes on to the code. */
export async function continueWithEmail(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

/** On the emulator's page: types the code and sends it. */
export async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

/** Signs in as somebody whom no other test knows: a member of Acme. */
export async function signInAsSomebodyNew(page: Page): Promise<string> {
  const email = newAddress();
  await signInWithCode(page, email);
  return email;
}

/** Signs in with an address and its code, and waits for the dashboard. */
export async function signInWithCode(page: Page, email: string): Promise<void> {
  await page.goto('/auth/login');
  await continueWithEmail(page, email);
  await enterCode(page, '424242');
  await expect(page).toHaveURL('/dashboard');
  await hydrated(page);
}

/** Gives somebody another role at Acme, at the provider. */
export async function giveRole(page: Page, email: string, role: 'admin' | 'manager' | 'member'): Promise<void> {
  const change = { email, organization_id: ACME, role };
  const changed = await page.request.post(`${emulatorUrl()}/_emulator/people/role`, { data: change });
  expect(changed.ok()).toBe(true);
}

/** Presses the button in the header, and waits until the provider has sent the browser back. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('/signed-out');
}

/** Opens the dashboard and finds somebody signed in there. */
export async function expectSignedIn(page: Page): Promise<void> {
  await page.goto('/dashboard');
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Welcome, /);
}

/** Opens the dashboard and finds nobody signed in. */
export async function expectSignedOut(page: Page): Promise<void> {
  await page.goto('/dashboard');
  await expect(page).toHaveURL(/\/login\?/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
}

/** Opens a page of a website that is not ours: `body` is all there is on it. */
export async function visitElsewhere(page: Page, body: string): Promise<void> {
  const elsewhere = 'http://elsewhere.example/';
  const html = `<!DOCTYPE html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,">${body}</html>`;
  await page.route(elsewhere, (route) => route.fulfill({ body: html, contentType: 'text/html' }));
  await page.goto(elsewhere);
}

/** Follows a link to `target` on a website that is not ours. */
export async function followElsewhere(page: Page, target: URL): Promise<void> {
  await visitElsewhere(page, `<a href="${target.href.replaceAll('&', '&amp;')}">Look at this</a>`);
  await page.getByRole('link', { name: 'Look at this' }).click();
  await page.waitForURL(target.href);
}

/** Waits until the page is interactive; without JavaScript it is from the start. */
export async function hydrated(page: Page): Promise<void> {
  if (test.info().project.use.javaScriptEnabled !== false) {
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
  }
}

/** Marks the document, so that a test sees whether it is still the same: `html[data-marked]`. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => (document.documentElement.dataset['marked'] = ''));
}

/** Nothing is wider than a window of this width. */
export async function expectToFit(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 640 });
  const { wanted, given } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { wanted: scrollWidth, given: clientWidth };
  });
  expect(given).toBe(width);
  expect(wanted, 'width of the page').toBeLessThanOrEqual(given);
}

/** What a telephone and a desk have room for. */
export const WIDTHS = [360, 1440];

/** The page as it is fits into a window of this width, and is accessible there in light and in dark. */
export async function expectToLookRight(page: Page, width: number): Promise<void> {
  await expectToFit(page, width);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours are judged when they have arrived.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await axe(page);
  }
}

/** No violation of WCAG 2.2 AA or axe's best practices on the page as it is. */
export async function axe(page: Page): Promise<void> {
  const { violations } =
    test.info().project.use.javaScriptEnabled === false ? await analyzeCopy(page) : await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}

// axe waits for timers, which never fire where scripts are off. There it looks at a copy of the page in a context that
// runs scripts, though none of the page's own.
async function analyzeCopy(page: Page) {
  const html = await page.content();
  const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const context = await page.context().browser()!.newContext({
    javaScriptEnabled: true,
    colorScheme: isDark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    viewport: page.viewportSize(),
  });
  const copy = await context.newPage();
  await copy.route(page.url(), (route) =>
    route.fulfill({ body: html, contentType: 'text/html', headers: { 'content-security-policy': "script-src 'none'" } }),
  );
  await copy.goto(page.url());
  const results = await new AxeBuilder({ page: copy }).analyze();
  await context.close();
  return results;
}

/** The app's origin. */
export function appUrl(): string {
  return test.info().project.use.baseURL ?? '';
}

/** The emulator's origin. */
export function emulatorUrl(): string {
  return process.env['EMULATOR_URL'] ?? '';
}

/** An address that the emulator has never seen and accepts. */
export function newAddress(): string {
  return `grace.hopper+sktest-${randomUUID()}@example.com`;
}
