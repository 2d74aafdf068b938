// What every spec starts from: a page whose console must stay silent, and the verbs of a visitor.
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type Page, test as base, expect } from '@playwright/test';

export { expect };

type Fixtures = {
  /** Console messages this test provokes on purpose: `allowConsole(/status of 403/)`. */
  allowConsole: (pattern: RegExp) => void;
  /** Watches one more context, for tests that open their own. The test's own `page` is watched already. */
  watch: (context: BrowserContext) => void;
};

export const test = base.extend<Fixtures & { silentConsole: void; allowed: RegExp[]; said: string[] }>({
  allowed: async ({}, use) => use([]),
  said: async ({}, use) => use([]),
  allowConsole: async ({ allowed }, use) => use((pattern) => void allowed.push(pattern)),
  watch: async ({ said }, use) =>
    use((context) => {
      context.on('console', (message) => {
        if (['warning', 'error', 'assert'].includes(message.type())) {
          said.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        }
      });
      context.on('weberror', (error) => said.push(`uncaught: ${error.error().message} (${error.page()?.url()})`));
    }),
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

/** Waits until the page is interactive; without JavaScript it is from the start. */
export async function hydrated(page: Page): Promise<void> {
  if (test.info().project.use.javaScriptEnabled !== false) {
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
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
  const context = await page.context().browser()!.newContext({ javaScriptEnabled: true });
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
