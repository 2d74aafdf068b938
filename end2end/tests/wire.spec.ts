// That the wire is read: a token that anything of ours sends would be found (promise 1). It is, in every test.
import { appUrl, expect, signIn, signOut, test } from './fixtures.ts';

const JWT = `eyJhbGciOiJub25lIn0.${Buffer.from('{"sub":"usr_1"}').toString('base64url')}.c2ln`;
const REFRESH_TOKEN = `rt_${'a'.repeat(43)}`;

// Rules: w14
test('W14: a token would be found in a page, in a header and in an address', async ({ page, context, wire }) => {
  const html = (text: string) => `<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,">${text}</html>`;
  await context.route('/in-a-page', (route) => route.fulfill({ body: html(REFRESH_TOKEN), contentType: 'text/html' }));
  await context.route('/in-a-header', (route) =>
    route.fulfill({ body: html(''), contentType: 'text/html', headers: { 'x-token': JWT } }),
  );
  await context.route('/in-an-address', (route) =>
    route.fulfill({ status: 303, headers: { location: `/signed-out?id_token_hint=${JWT}` } }),
  );

  for (const path of ['/in-a-page', '/in-a-header', '/in-an-address']) await page.goto(path);

  // Taken out, or this test would fail for it.
  const leaks = (await wire.seen()).leaks.splice(0);
  expect(leaks.sort()).toEqual([
    `body of GET ${appUrl()}/in-a-page`,
    `location of GET ${appUrl()}/in-an-address`,
    `x-token of GET ${appUrl()}/in-a-header`,
  ]);
});

// Rules: w14
test('W14: pages and redirects are read, and only the way out has a hint', async ({ page, wire }) => {
  await signIn(page, 'Ada Admin');
  await page.goto('/sessions');
  const logout = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/logout');
  await signOut(page);

  expect(await (await logout).headerValue('location')).toMatch(/id_token_hint=eyJ/);
  const { paths, leaks } = await wire.seen();
  const read = ['/auth/login', '/auth/callback', '/dashboard', '/sessions', '/logout', '/signed-out'];
  expect(paths).toEqual(expect.arrayContaining(read));
  expect(leaks).toEqual([]);
});
