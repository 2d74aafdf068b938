// The notice before a session ends (WCAG 2.2.1). The browser's clock is moved; the server's is not, so that it goes on
// with a session unless the test ends it.
import { type Locator, type Page } from '@playwright/test';
import { axe, continueAs, expect, expectSignedIn, hydrated, mark, signIn, signOut, test as base } from './fixtures.ts';
import { freePorts, inherited, server, whileRunning } from './programs.ts';

/** Sessions end after an hour without a request. */
const TWO_MINUTES_BEFORE = '58:05';
const SECOND = 1000;

const test = base.extend({
  page: async ({ page }, use) => {
    await page.clock.install();
    await use(page);
  },
});

function notice(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Your session' });
}

/** What the notice says. */
function words(page: Page): Locator {
  return notice(page).getByRole('paragraph');
}

/** What people hear who hear the page. */
function announcement(page: Page): Locator {
  return page.getByRole('status').filter({ visible: true }).first();
}

/** The dashboard, signed in, alive, and nothing to be said. */
async function openDashboard(page: Page): Promise<void> {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  await expect(notice(page)).toBeHidden();
}

/** Ends the session without this browser's knowledge. */
async function endSession(page: Page, watch: (context: ReturnType<Page['context']>) => void): Promise<void> {
  const elsewhere = await page.context().browser()!.newContext({ storageState: await page.context().storageState() });
  watch(elsewhere);
  const other = await elsewhere.newPage();
  await other.goto(page.url());
  await signOut(other);
}

test('two minutes before the end a notice says so, and takes nothing away', async ({ page }) => {
  await openDashboard(page);
  const check = page.getByRole('button', { name: 'Validate now' });
  await check.focus();

  await page.clock.fastForward(TWO_MINUTES_BEFORE);

  await expect(notice(page)).toBeVisible();
  await expect(notice(page)).toBeInViewport();
  await expect(words(page)).toHaveText(/^You will be signed out in 1 min 5\d s.*, because nothing has happened for a while\./);
  await expect(check).toBeFocused();
  await expect(notice(page).getByRole('link')).toHaveCount(0);
});

test('people who hear the page are told three times, not every second', async ({ page }) => {
  await openDashboard(page);
  await page.evaluate(() => {
    const status = document.querySelector('.session-end')!.previousElementSibling!;
    const told: string[] = [];
    new MutationObserver(() => told.push(status.textContent ?? '')).observe(status, { childList: true });
    Object.assign(window, { told });
    if (status.getAttribute('role') !== 'status') throw new Error('not a polite live region');
  });
  await page.clock.fastForward('57:30');
  await page.clock.pauseAt(Date.parse(await page.evaluate(() => new Date().toISOString())) + SECOND);

  await page.clock.runFor(149 * SECOND);

  const sentence = (left: string) => `You will be signed out in ${left}, because nothing has happened for a while.`;
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
  expect(told).toEqual(['2 minutes', '1 minute', '20 seconds'].map(sentence));
});

test('the notice is accessible in light and in dark', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openDashboard(page);
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  await expect(notice(page)).toBeVisible();

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await axe(page);
  }
  await notice(page).getByRole('button').click();
  await expect(words(page)).toHaveText('You are still signed in.');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await axe(page);
  }
});

test('on a small screen the notice fits, and covers neither the end of the page nor the focus', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 480 });
  await openDashboard(page);
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  await expect(notice(page)).toBeVisible();

  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const covered = async (locator: Locator) => {
    const [place, bar] = await Promise.all([locator.boundingBox(), notice(page).boundingBox()]);
    // Where two boxes meet within a pixel, they are drawn side by side.
    return place!.y + place!.height > bar!.y + 1;
  };
  const stay = notice(page).getByRole('button');
  const seen: string[] = [];
  for (let presses = 0; presses < 90; presses++) {
    await page.keyboard.press('Tab');
    if (await stay.evaluate((button) => button === document.activeElement)) break;
    const focused = page.locator(':focus');
    seen.push(await focused.innerText());
    expect(await covered(focused), `the notice covers "${seen.at(-1)}"`).toBe(false);
  }
  expect(seen).toContain('Refresh now');
  await expect(stay).toBeFocused();

  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  expect(await covered(page.getByRole('contentinfo')), 'the end of the page').toBe(false);
});

test('"Stay signed in" needs no mouse, and the focus goes back to where it was', async ({ page }) => {
  await openDashboard(page);
  await mark(page);
  const check = page.getByRole('link', { name: 'Take the tokens apart' });
  await check.focus();
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  await expect(notice(page)).toBeVisible();
  const stay = notice(page).getByRole('button', { name: 'Stay signed in' });
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(stay).toBeFocused({ timeout: 100 });
  }).toPass({ intervals: [20] });

  await page.keyboard.press('Enter');

  await expect(announcement(page)).toHaveText('You are still signed in.');
  await expect(stay).toBeHidden();
  await expect(check).toBeFocused();
  await page.clock.fastForward('00:10');
  await expect(notice(page)).toBeHidden();
  // The session lives as long as the server said, and the end of that is announced again.
  await page.clock.fastForward('58:00');
  await expect(notice(page)).toBeVisible();
  await expect(page.locator('html[data-marked]')).toBeAttached();
});

test('a computer that slept notices at once', async ({ page }) => {
  await openDashboard(page);
  await page.clock.pauseAt(Date.parse(await page.evaluate(() => new Date().toISOString())) + SECOND);
  const now = await page.evaluate(() => Date.now());

  // No timer has fired yet.
  await page.clock.setSystemTime(now + (58 * 60 + 40) * SECOND);
  await expect(notice(page)).toBeHidden();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));

  await expect(notice(page)).toBeVisible();
  await expect(announcement(page)).toHaveText(/^You will be signed out in 1 minute,/);
});

test('in two tabs the notice goes from both', async ({ page, context }) => {
  await openDashboard(page);
  const other = await context.newPage();
  await expectSignedIn(other);
  await hydrated(other);
  await mark(other);
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  await expect(notice(page)).toBeVisible();
  await expect(notice(other)).toBeVisible();

  await notice(page).getByRole('button').click();

  await expect(words(page)).toHaveText('You are still signed in.');
  await expect(notice(other)).toBeHidden();
  await expect(other.locator('html[data-marked]'), 'the other tab did not reload').toBeAttached();
});

test('a page that is opened in another tab silences the notice', async ({ page, context }) => {
  await openDashboard(page);
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  await expect(notice(page)).toBeVisible();

  await expectSignedIn(await context.newPage());

  await expect(notice(page)).toBeHidden();
});

test('at the end the page leads to the sign-in page, which knows why and where to', async ({ page, watch }) => {
  await openDashboard(page);
  await page.goto('/dashboard?tab=2');
  await hydrated(page);
  await endSession(page, watch);

  await page.clock.fastForward('01:00:10');

  await expect(page).toHaveURL('/login?reason=expired&next=%2Fdashboard%3Ftab%3D2');
  await expect(page.getByText('Your session has ended.')).toBeVisible();
});

test('at the end the page stays if the session goes on after all', async ({ page }) => {
  await openDashboard(page);
  await mark(page);

  await page.clock.fastForward('01:00:10');

  await expect(page.locator('html:not([data-marked])')).toBeAttached();
  await hydrated(page);
  await expect(page).toHaveURL('/dashboard');
  await expect(notice(page)).toBeHidden();
});

test('"Stay signed in" that comes too late leads to the sign-in page', async ({ page, watch, allowConsole }) => {
  allowConsole(/status of 401/);
  await openDashboard(page);
  await endSession(page, watch);
  await page.clock.fastForward(TWO_MINUTES_BEFORE);

  await notice(page).getByRole('button').click();

  await expect(page).toHaveURL('/login?reason=expired&next=%2Fdashboard');
});

test('a server that does not answer can be asked again', async ({ page, allowConsole }) => {
  allowConsole(/net::ERR_FAILED/);
  await openDashboard(page);
  await page.route('**/sessions/stay', (route) => route.abort(), { times: 1 });
  await page.clock.fastForward(TWO_MINUTES_BEFORE);
  const stay = notice(page).getByRole('button');

  await stay.click();
  await expect(announcement(page)).toHaveText('That did not work just now. Try again.');
  await expect(words(page)).toHaveText(/^That did not work just now. Try again. You will be signed out in /);
  await stay.click();

  await expect(words(page)).toHaveText('You are still signed in.');
});

test.describe('where a session ends an hour after signing in, however busy,', () => {
  const short = test.extend({
    baseURL: async ({}, use, info) => {
      const ports = await freePorts();
      const emulator = `http://127.0.0.1:${ports.provider}`;
      const redirectUri = `http://localhost:${ports.app}/auth/callback`;
      const provider = {
        command: [
          process.env['EMULATOR_BINARY'] ?? '',
          ...['--listen', `127.0.0.1:${ports.provider}`, '--redirect-uri', redirectUri],
        ] as [string, ...string[]],
        environment: inherited(),
        readyAt: `${emulator}/.well-known/openid-configuration`,
        log: info.outputPath('emulator.log'),
      };
      const settings = {
        SCALEKIT_ENV_URL: emulator,
        SCALEKIT_CLIENT_ID: 'skc_emulator',
        SCALEKIT_CLIENT_SECRET: 'emulator-secret-not-for-production',
        SCALEKIT_REDIRECT_URI: redirectUri,
        SESSION_IDLE_TIMEOUT: '1h',
        SESSION_ABSOLUTE_TIMEOUT: '1h',
      };
      const app = server(ports.app, settings, info.outputPath('server.log'));
      await whileRunning(provider, () => whileRunning(app, () => use(`http://localhost:${ports.app}`)));
    },
  });

  short('the notice offers to sign in again, which leads back', async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto('/auth/login');
    await continueAs(page, 'Ada Admin');
    await expect(page).toHaveURL('/dashboard');
    await page.goto('/dashboard?tab=2');
    await hydrated(page);
    await page.clock.fastForward(TWO_MINUTES_BEFORE);

    await expect(words(page)).toHaveText(
      /^Your session ends in 1 min 5\d s.*, however busy you are\. Sign in again when it suits you to go on\./,
    );
    await expect(announcement(page)).toHaveText(/^Your session ends in 2 minutes, however busy you are\./);
    await expect(notice(page).getByRole('button')).toBeHidden();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await axe(page);
    }
    await notice(page).getByRole('link', { name: 'Sign in again' }).click();

    // The provider knows her still.
    await expect(page).toHaveURL('/dashboard?tab=2');
    await hydrated(page);
    await expect(notice(page)).toBeHidden();
  });
});
