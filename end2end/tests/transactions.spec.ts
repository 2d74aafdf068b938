// Sign-ins in progress (promise 5): too many, in the wrong browser, finished twice, visited again, only guessed at.
import { type BrowserContext, type Page } from '@playwright/test';
import {
  appUrl,
  continueAs,
  expect,
  expectSignedIn,
  expectSignedOut,
  signIn,
  signInButDoNotReturn,
  signOut,
  test,
} from './fixtures.ts';

const UNFINISHED = 'This sign-in cannot be finished here';

/** The names of the app's cookies. */
async function cookies(context: BrowserContext): Promise<string[]> {
  return (await context.cookies(appUrl())).map(({ name }) => name);
}

/** The sign-ins that this browser has in progress. */
async function inProgress(context: BrowserContext): Promise<string[]> {
  return (await cookies(context)).filter((name) => name.includes('scalekit_signin_'));
}

/** From now on, the addresses under `/auth/` that the browser asks for. */
function visitsToAuth(context: BrowserContext): string[] {
  const visits: string[] = [];
  context.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.url().startsWith(appUrl()) && pathname.startsWith('/auth/')) visits.push(pathname);
  });
  return visits;
}

// Rules: w16, transaction-ten-tabs, transaction-eviction, transaction-second-tab
test('W16: of ten tabs the last five sign in, and the others are told what to do', async ({ context, allowConsole }) => {
  allowConsole(/status of 400/);
  const open = async (number: number) => {
    const tab = await context.newPage();
    await tab.goto(`/auth/login?next=%2Fdashboard%3Ftab%3D${number}`);
    return tab;
  };
  const early: Page[] = [];
  const late: Page[] = [];
  for (const number of [1, 2, 3, 4, 5]) early.push(await open(number));
  for (const number of [6, 7, 8, 9, 10]) late.push(await open(number));
  expect(await inProgress(context)).toHaveLength(5);

  const [forgotten, returning] = early as [Page, Page];
  await continueAs(forgotten, 'Ada Admin');
  await expect(forgotten.getByRole('heading', { level: 1 })).toHaveText(UNFINISHED);
  await expect(forgotten.getByRole('main')).toContainText('Signing in again takes a moment.');
  expect(await inProgress(context), 'the attempt disturbs no other').toHaveLength(5);

  for (const [index, tab] of late.entries()) {
    await continueAs(tab, 'Ada Admin');
    await expect(tab).toHaveURL(`/dashboard?tab=${index + 6}`);
  }
  expect(await cookies(context)).toEqual(['scalekit_session']);

  // Now that somebody is signed in, a tab that was forgotten arrives as well.
  await continueAs(returning, 'Ada Admin');
  await expect(returning).toHaveURL('/dashboard');
  await forgotten.getByRole('link', { name: 'Sign in again' }).click();
  await expect(forgotten).toHaveURL('/dashboard');
});

// Rules: transaction-other-browser, transaction-success-removes, rfc6749-10.12-state-other-browser, rfc9700-2.1.1
test('a sign-in that another browser tried to finish is finished by its own', async ({ page, browser, allowConsole, watch }) => {
  allowConsole(/status of 400/);
  const other = await browser.newContext();
  watch(other);
  const own = await other.newPage();
  await own.goto('/auth/login');
  // This one stops on its way back: the code is unused.
  const callback = await signInButDoNotReturn(page, 'Ada Admin');
  const elsewhere = await other.newPage();
  expect((await elsewhere.goto(callback.href))?.status()).toBe(400);
  await expect(elsewhere.getByRole('heading', { level: 1 })).toHaveText(UNFINISHED);

  expect(await cookies(other)).toEqual(await inProgress(other));

  await page.goto(callback.href);
  await continueAs(own, 'Max Member');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Ada');
  await expect(own.getByRole('heading', { level: 1 })).toHaveText('Welcome, Max');
  for (const context of [page.context(), other]) expect(await cookies(context)).toEqual(['scalekit_session']);
});

// Rules: transaction-replay-signed-in
test('a double click on the way back signs in once', async ({ page, context }) => {
  await page.goto('/auth/login?next=%2Fdashboard%3Ftab%3D1');

  await page.getByRole('button', { name: /^Ada Admin\b/ }).dblclick();

  await expect(page).toHaveURL(/\/dashboard/);
  await expectSignedIn(page);
  expect(await cookies(context)).toEqual(['scalekit_session']);
});

// Rules: transaction-replay-signed-in, transaction-success-removes, fault-code-once
test('the address that finishes a sign-in, opened in two tabs at once, signs in in both', async ({ page, context }) => {
  const callback = await signInButDoNotReturn(page, 'Ada Admin');
  const other = await context.newPage();

  const answers = await Promise.all([page.goto(callback.href), other.goto(callback.href)]);

  expect(answers.map((answer) => answer?.status())).toEqual([200, 200]);
  await expectSignedIn(page);
  await expectSignedIn(other);
  expect(await cookies(context)).toEqual(['scalekit_session']);
});

// Rules: transaction-replay-signed-in
test('Back after signing in begins nothing, and Forward is still signed in', async ({ page, context, allowConsole }) => {
  // What the provider says of a sign-in that is over.
  allowConsole(/status of 410/);
  await signIn(page, 'Ada Admin');
  const visits = visitsToAuth(context);

  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This sign-in is finished');
  await page.goForward();

  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Ada');
  expect(visits).toEqual([]);
});

// Rules: transaction-replay-signed-out, rfc6749-10.12-state-used
test('after signing out, the callback signs nobody in: reloaded, left and come back to', async ({ page, context, allowConsole }) => {
  allowConsole(/status of 400/);
  const callback = page.waitForRequest((request) => request.url().includes('/auth/callback?'));
  await signIn(page, 'Ada Admin');
  await signOut(page);
  const { href } = new URL((await callback).url());
  const visits = visitsToAuth(context);

  for (const visit of [
    () => page.goto(href),
    () => page.reload(),
    () => page.goto('/signed-out').then(() => page.goBack()),
  ]) {
    expect((await visit())?.status()).toBe(400);
    await expect(page).toHaveURL(href);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(UNFINISHED);
  }

  expect(visits, 'no page goes on by itself').toEqual(Array(3).fill('/auth/callback'));
  expect(await cookies(context)).not.toContain('scalekit_session');
  await expectSignedOut(page);
});

// Rules: transaction-prefetch
test('a page that fetches ahead begins no sign-in, finishes none, and signs nobody out', async ({ page, context, allowConsole }) => {
  allowConsole(/status of \d\d\d/);
  const callback = await signInButDoNotReturn(page, 'Ada Admin');
  const before = await cookies(context);
  const ahead = ['/auth/login', `${callback.pathname}${callback.search}`, '/logout'];
  const answers = ahead.map((path) => page.waitForResponse((response) => response.url() === `${appUrl()}${path}`));

  await fetchAhead(page, ahead);
  for (const answer of await Promise.all(answers)) {
    expect((await answer.request().allHeaders())['sec-purpose'], answer.url()).toBe('prefetch');
    expect(await answer.headerValue('set-cookie')).toBeNull();
  }
  expect(await cookies(context)).toEqual(before);

  const tab = await context.newPage();
  await tab.goto(callback.href);
  await expect(tab).toHaveURL('/dashboard');
  await fetchAhead(page, ['/logout', '/auth/login?prompt=login']);
  expect(await cookies(context)).toEqual(['scalekit_session']);
  await expectSignedIn(tab);
});

/** Opens a page of our own origin that fetches `paths` for later, and waits until it has. */
async function fetchAhead(page: Page, paths: string[]): Promise<void> {
  const links = paths.map((path) => `<link rel="prefetch" href="${path.replaceAll('&', '&amp;')}">`).join('');
  const html = `<!DOCTYPE html><html lang="en"><title>Ahead</title><link rel="icon" href="data:,">${links}</html>`;
  await page.route('/ahead', (route) => route.fulfill({ body: html, contentType: 'text/html' }));
  await page.goto('/ahead', { waitUntil: 'networkidle' });
  await page.unroute('/ahead');
}
