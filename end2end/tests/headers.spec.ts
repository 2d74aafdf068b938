// The headers of every page (promises 18 and 19).
import { appUrl, expect, signIn, test } from './fixtures.ts';

const open = ['/', '/login', '/signed-out', '/no-such-page', '/auth/callback', '/auth/initiate?idp_initiated_login=broken'];
const signedIn = ['/dashboard', '/sessions', '/organizations', '/organization/settings'];

for (const path of [...open, ...signedIn]) {
  // Rules: w18, rfc9700-4.2.4
  test(`W18: ${path} is not kept, not framed, and runs only what we wrote`, async ({ page }) => {
    if (signedIn.includes(path)) await signIn(page, 'Ada Admin');
    const answer = await page.request.get(path, { headers: { accept: 'text/html' } });
    const headers = answer.headers();

    expect(answer.url(), 'no redirect').toBe(`${appUrl()}${path}`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['referrer-policy']).toMatch(/^(same-origin|no-referrer)$/);
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['x-request-id']).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(headers, 'what the server is made of').not.toHaveProperty('server');

    const policy = new Map(
      headers['content-security-policy']?.split(';').map((rule) => {
        const [name = '', ...values] = rule.trim().split(/\s+/);
        return [name, values] as const;
      }),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy.get('base-uri')).toEqual(["'none'"]);
    expect(policy.get('style-src')).toEqual(["'self'"]);
    expect(headers['content-security-policy']).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    const nonce = policy.get('script-src')?.find((source) => source.startsWith("'nonce-"))?.slice(7, -1);
    expect(nonce?.length).toBeGreaterThanOrEqual(22);

    const html = await answer.text();
    const inline = html.match(/<script(?![^>]*\ssrc=)[^>]*>/g) ?? [];
    expect(inline.filter((tag) => !tag.includes(`nonce="${nonce}"`)), 'scripts without the nonce').toEqual([]);
    expect(html, 'inline styles').not.toMatch(/<style|\sstyle="/);
    // `src`, `href` and `action` that name another origin.
    expect(html.match(/\b(src|href|action)="(https?:)?\/\/[^"]*"/g) ?? [], 'other origins').toEqual([]);
  });
}

test('the nonce of each answer is its own', async ({ page }) => {
  const policies = new Set<string | undefined>();
  for (let count = 0; count < 3; count++) {
    policies.add((await page.request.get('/login')).headers()['content-security-policy']);
  }
  expect(policies.size).toBe(3);
});

// Rules: w17
test('W17: a script that is not signed in is told so instead of being sent to a page', async ({ page }) => {
  const answer = await page.request.get('/dashboard', { headers: { accept: 'application/json' }, maxRedirects: 0 });

  expect(answer.status()).toBe(401);
  expect(answer.headers()['content-type']).toContain('application/json');
});
