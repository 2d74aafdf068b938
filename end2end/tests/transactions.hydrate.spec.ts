// Pages that a browser renders ahead because a script of the page told it to (speculation rules).
import { type Page } from '@playwright/test';
import { expect, hydrated, signInButDoNotReturn, test } from './fixtures.ts';

/**
 * Has the browser render `path` ahead, from one of our own pages, and waits for the answer. Under Playwright it fetches
 * without rendering, which is what it begins with elsewhere.
 */
async function renderAhead(page: Page, path: string): Promise<void> {
  const fetched = page.waitForResponse((response) => response.url().endsWith(path));
  await page.evaluate((path) => {
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
    rules.textContent = JSON.stringify({ prerender: [{ urls: [path], eagerness: 'immediate' }] });
    document.head.append(rules);
  }, path);
  const answer = await fetched;
  expect((await answer.request().allHeaders())['sec-purpose']).toBe('prefetch;prerender');
  expect(await answer.headerValue('set-cookie')).toBeNull();
  // Not `answer.finished()`: what is fetched for later is not always reported to its end.
}

// Rules: transaction-prerender
test('a sign-in that was rendered ahead begins when the person begins it', async ({ page, context, allowConsole }) => {
  allowConsole(/status of \d\d\d/);
  await page.goto('/login');
  await hydrated(page);

  await renderAhead(page, '/auth/login');
  expect(await context.cookies()).toEqual([]);

  // The browser must not take the answer that it has for the one to show.
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
  await expect(page.getByRole('button', { name: /^Ada Admin\b/ })).toBeVisible();
});

// Rules: transaction-prerender
test('a sign-in is not finished by rendering its end ahead', async ({ page, context, allowConsole }) => {
  allowConsole(/status of \d\d\d/);
  const callback = await signInButDoNotReturn(page, 'Ada Admin');
  const before = await context.cookies();
  await page.goto('/login');
  await hydrated(page);

  await renderAhead(page, `${callback.pathname}${callback.search}`);
  expect(await context.cookies()).toEqual(before);

  const tab = await context.newPage();
  await tab.goto(callback.href);
  await expect(tab).toHaveURL('/dashboard');
});
