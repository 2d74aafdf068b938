// What a person meets when something is wrong: a page that explains it, with a number to quote (promise 20).
import { readFile } from 'node:fs/promises';
import { type Page, type Response } from '@playwright/test';
import { appUrl, continueAs, expect, expectSignedOut, signInButDoNotReturn, test } from './fixtures.ts';

type Failure = {
  happens: string;
  status: number;
  heading: string;
  /** What the person does. */
  open: (page: Page) => Promise<Response | null>;
};

const failures: Failure[] = [
  {
    happens: 'there is no such page',
    status: 404,
    heading: 'There is no page here',
    open: (page) => page.goto('/no-such-page'),
  },
  {
    happens: 'a sign-in returns to a browser that never began one',
    status: 400,
    heading: 'This sign-in cannot be finished here',
    open: (page) => page.goto('/auth/callback?code=c0de&state=unknown'),
  },
  {
    happens: 'a sign-in returns without code and state',
    status: 400,
    heading: 'That request is incomplete',
    open: (page) => page.goto('/auth/callback'),
  },
  {
    happens: 'a sign-in returns with two states',
    status: 400,
    heading: 'That request is incomplete',
    open: (page) => page.goto('/auth/callback?code=c0de&state=one&state=two'),
  },
  {
    happens: 'a sign-in returns with a state that somebody changed',
    status: 400,
    heading: 'This sign-in cannot be finished here',
    open: async (page) => {
      const url = await signInButDoNotReturn(page, 'Ada Admin');
      url.searchParams.set('state', 'changed');
      return page.goto(url.href);
    },
  },
  {
    happens: 'the code is not one of the provider',
    status: 400,
    heading: 'That sign-in is no longer valid',
    open: async (page) => {
      const url = await signInButDoNotReturn(page, 'Ada Admin');
      url.searchParams.set('code', 'invented');
      return page.goto(url.href);
    },
  },
  {
    happens: 'the organization is unknown',
    status: 403,
    heading: 'We do not know that organization',
    open: (page) => page.goto('/auth/login?organization_id=org_404'),
  },
];

for (const { happens, status, heading, open } of failures) {
  // Rules: transaction-error-page
  test(`when ${happens}, a page says so, with a reference that is in the log`, async ({ page, allowConsole }) => {
    allowConsole(new RegExp(`status of ${status}`));

    const answer = await open(page);

    expect(answer?.status()).toBe(status);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByText(`Error ${status}`)).toBeVisible();
    const reference = await page.locator('main code').innerText();
    expect(reference).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(answer?.headers()['x-request-id']).toBe(reference);
    await expect.poll(serverLog, 'the log of the server').toContain(reference);
    await expectSignedOut(page);
  });
}

// Rules: w15
test('nothing of the address is repeated on an error page', async ({ page, allowConsole }) => {
  allowConsole(/status of [45]\d\d/);
  const mark = 'c0ffee-c0ffee';
  for (const address of [
    `/${mark}`,
    `/auth/callback?error=${mark}&error_description=${mark}`,
    `/auth/callback?code=${mark}&state=${mark}`,
  ]) {
    await page.goto(address);
    await expect(page.locator('main code')).toBeVisible();
    expect(await page.content(), address).not.toContain(mark);
  }
});

// Rules: w15, rfc9700-4.2.4
test('no code, state or address of a person is in the log', async ({ page }) => {
  const callback = page.waitForRequest((request) => request.url().includes('/auth/callback?'));
  await page.goto('/auth/login?login_hint=ada%40acme.example');
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL('/dashboard');

  const sent = new URL((await callback).url()).searchParams;
  const log = await serverLog();
  for (const secret of [sent.get('code'), sent.get('state'), 'ada@acme.example', 'ada%40acme.example']) {
    expect(secret).toBeTruthy();
    expect(log).not.toContain(secret);
  }
});

test('a form that is sent to a page for reading gets a page that says so', async ({ page }) => {
  const answer = await page.request.post('/login', { headers: { accept: 'text/html', origin: appUrl() } });

  expect(answer.status()).toBe(405);
  expect(answer.headers()['content-type']).toContain('text/html');
  expect(await answer.text()).toContain('This page cannot be used that way');
});

async function serverLog(): Promise<string> {
  return readFile(process.env['SERVER_LOG'] ?? '', 'utf8');
}
