// What a browser transfers when a signed-in person opens the dashboard for the first time, against the budget.
import { expect, hydrated, signIn, test } from '../tests/fixtures.ts';
import budget from '../size-budget.json' with { type: 'json' };

type Kind = 'HTML' | 'CSS' | 'JavaScript' | 'WASM' | 'other';

function kindOf(mimeType: string): Kind {
  if (mimeType === 'text/html') return 'HTML';
  if (mimeType === 'text/css') return 'CSS';
  if (mimeType.endsWith('/javascript')) return 'JavaScript';
  return mimeType === 'application/wasm' ? 'WASM' : 'other';
}

test('the first visit of the dashboard stays within its budget', async ({ page, browser, watch }) => {
  await signIn(page, 'Ada Admin');

  // A new context has the session and an empty cache.
  const first = await browser.newContext({ storageState: await page.context().storageState() });
  watch(first);
  const visit = await first.newPage();
  const network = await first.newCDPSession(visit);
  await network.send('Network.enable');
  const kinds = new Map<string, Kind>();
  const bytes = new Map<Kind, number>([['HTML', 0], ['CSS', 0], ['JavaScript', 0], ['WASM', 0], ['other', 0]]);
  network.on('Network.responseReceived', ({ requestId, response }) => {
    kinds.set(requestId, kindOf(response.mimeType));
  });
  // The encoded length counts what crossed the wire: compressed body and headers.
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? 'other';
    bytes.set(kind, (bytes.get(kind) ?? 0) + encodedDataLength);
  });

  await visit.goto(new URL('/dashboard', page.url()).href, { waitUntil: 'networkidle' });
  await hydrated(visit);
  await expect(visit).toHaveURL(/\/dashboard$/);
  await first.close();

  const sum = [...bytes.values()].reduce((all, some) => all + some, 0);
  const row = (name: string, value: number) => console.log(`${name.padEnd(12)}${kilobytes(value).padStart(12)}`);
  console.log('first load of /dashboard');
  bytes.forEach((value, kind) => row(`  ${kind}`, value));
  row('in all', sum);
  row('budget', budget.dashboard_first_load_bytes);

  // A page that did not load everything would be a small page.
  expect(bytes.get('WASM'), 'bytes of WASM').toBeGreaterThan(0);
  expect(bytes.get('CSS'), 'bytes of CSS').toBeGreaterThan(0);
  expect(sum, 'bytes in all').toBeLessThanOrEqual(budget.dashboard_first_load_bytes);
});

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
