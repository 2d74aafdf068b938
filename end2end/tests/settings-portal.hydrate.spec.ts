// Scalekit's admin portal in a frame on the page, and whom the page believes. Without scripts: settings-portal.plain.spec.ts.
import { type Locator, type Page } from '@playwright/test';
import {
  changeElsewhere,
  expect,
  expectSwitch,
  expectWellDesigned,
  onScreen,
  openSettings,
  section,
  test,
  WIDTHS,
} from './settings.ts';

const CONNECTION = { connection: 'conn_59615210314400908' };
const DIRECTORY = { directory: 'dir_59615277591445642' };

/** Opens the portal, and waits until it is there. */
async function openPortal(page: Page): Promise<Locator> {
  await section(page, 'Single sign-on').getByRole('button', { name: 'Open the admin portal' }).click();
  const dialog = page.getByRole('dialog', { name: 'Admin portal' });
  await expect(dialog).toBeVisible();
  await expect(portal(page).getByRole('heading', { level: 1 })).toHaveText('Admin portal');
  return dialog;
}

/** What is in the frame. */
function portal(page: Page) {
  return page.frameLocator('iframe[title="Admin portal"]');
}

test('the portal opens in a dialog, from the provider, for the own organization', async ({ page, servers }) => {
  await openSettings(page, 'Ada');
  const dialog = await openPortal(page);

  const address = new URL((await dialog.locator('iframe').getAttribute('src')) ?? '');
  expect(address.origin).toBe(servers.emulator);
  await expect(portal(page).getByRole('main')).toContainText('for Acme Corp');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('iframe')).toHaveCount(0);
});

test('each opening has a link of its own, and a link works once', async ({ page }) => {
  await openSettings(page, 'Ada');
  const links: string[] = [];
  for (let count = 0; count < 3; count++) {
    const dialog = await openPortal(page);
    links.push((await dialog.locator('iframe').getAttribute('src')) ?? '');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(page.locator('iframe')).toHaveCount(0);
  }

  expect(new Set(links).size).toBe(3);
  for (const link of links) expect((await page.request.get(link)).status(), 'a link that was used').toBe(410);
  expect(await page.content(), 'no link stays in the page').not.toContain('magicLink');
});

test('what was set up in the portal shows on the page', async ({ page }) => {
  await openSettings(page, 'Ada');
  const [connections, directories] = [section(page, 'Single sign-on'), section(page, 'Directory sync')];
  const dialog = await openPortal(page);
  await changeElsewhere(page, 'switch-directory', { ...DIRECTORY, enabled: 'false' });
  await changeElsewhere(page, 'switch-connection', { ...CONNECTION, enabled: 'false' });

  // The section with the dialog in it waits until that is closed.
  await portal(page).getByRole('button', { name: 'Directory sync was enabled' }).click();
  await expect(directories.locator('[aria-checked]')).toHaveAttribute('aria-checked', 'false');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expectSwitch(connections, 'Sign in through Okta (SAML)', false);

  await openPortal(page);
  await changeElsewhere(page, 'switch-directory', { ...DIRECTORY, enabled: 'true' });
  await changeElsewhere(page, 'switch-connection', { ...CONNECTION, enabled: 'true' });
  await portal(page).getByRole('button', { name: 'Single sign-on was enabled' }).click();
  await expect(directories.locator('[aria-checked]')).toHaveAttribute('aria-checked', 'true');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expectSwitch(connections, 'Sign in through Okta (SAML)', true);
});

test('the dialog closes when the session of the portal ends', async ({ page }) => {
  await openSettings(page, 'Ada');
  const dialog = await openPortal(page);

  await portal(page).getByRole('button', { name: "The portal's session ends" }).click();

  await expect(dialog).toBeHidden();
  await expect(page.locator('iframe')).toHaveCount(0);
  // And can be opened again, all alive.
  const again = await openPortal(page);
  await portal(page).getByRole('button', { name: "The portal's session ends" }).click();
  await expect(again).toBeHidden();
});

test('only the frame is believed, and only from the origin of the provider', async ({ page, servers }) => {
  await openSettings(page, 'Ada');
  const dialog = await openPortal(page);

  // From this page itself. Who listens later is told later.
  await page.evaluate(async () => {
    const told = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    postMessage({ event_type: 'PORTAL_SESSION_EXPIRY' }, '*');
    await told;
  });
  await expect(dialog).toBeVisible();

  const pretend = (origin: string, from: 'the page' | 'the frame') =>
    page.evaluate(
      ([origin, from]) => {
        const source = from === 'the frame' ? document.querySelector('iframe')!.contentWindow : window;
        const data = { event_type: 'PORTAL_SESSION_EXPIRY' };
        dispatchEvent(new MessageEvent('message', { data, origin, source }));
        return document.querySelector('dialog')!.open;
      },
      [origin, from] as const,
    );
  expect(await pretend(servers.emulator, 'the page'), 'another window').toBe(true);
  expect(await pretend('https://elsewhere.example', 'the frame'), 'another origin').toBe(true);
  expect(await pretend(servers.app, 'the frame'), 'our own origin').toBe(true);
  expect(await pretend(servers.emulator, 'the frame'), 'both are right').toBe(false);
  await expect(dialog).toBeHidden();
});

test('messages that make no sense do nothing', async ({ page, servers }) => {
  await openSettings(page, 'Ada');
  const dialog = await openPortal(page);

  await page.evaluate((origin) => {
    const source = document.querySelector('iframe')!.contentWindow;
    for (const data of [null, undefined, 7, 'PORTAL_SESSION_EXPIRY', [], {}, { event_type: 7 }, { event_type: 'SOMETHING' }]) {
      dispatchEvent(new MessageEvent('message', { data, origin, source }));
    }
  }, servers.emulator);

  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
});

test('a portal that cannot be opened is told, and opens once it can', async ({ page, fail, allowConsole }) => {
  allowConsole(/status of 503/);
  await openSettings(page, 'Ada');
  const connections = section(page, 'Single sign-on');
  await fail('portal', { fault: 'status', value: 503 });

  await connections.getByRole('button', { name: 'Open the admin portal' }).click();
  await expect(connections.getByRole('status')).toHaveText(/^Scalekit does not answer right now\./);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await fail('portal', null);

  await openPortal(page);
});

test('a portal that is elsewhere than the provider is offered as a link, and not framed', async ({ page }) => {
  await openSettings(page, 'Ada');
  const connections = section(page, 'Single sign-on');
  const location = 'https://portal.elsewhere.example/magicLink/1';
  await page.route('**/open-portal?*', (route) => route.fulfill({ json: { success: true, message: '', location } }));

  await connections.getByRole('button', { name: 'Open the admin portal' }).click();

  const link = connections.getByRole('link', { name: 'Open the admin portal in a new window' });
  await expect(link).toHaveAttribute('href', location);
  await expect(link).toHaveAttribute('rel', 'noopener');
  await expect(page.locator('iframe')).toHaveCount(0);
});

test('the page of single sign-on has the portal too', async ({ page }) => {
  await openSettings(page, 'Olga', '/organization/settings/single-sign-on');

  const dialog = await openPortal(page);

  await expect(portal(page).getByRole('main')).toContainText('for Globex');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

for (const width of WIDTHS) {
  test(`the dialog is well designed at ${width} pixels, in light and in dark`, async ({ page }) => {
    await onScreen(page, width);
    await openSettings(page, 'Ada');
    await openPortal(page);
    // What is in the frame is the provider's page, not ours.
    await page.locator('iframe').evaluate((frame) => frame.replaceWith('The portal'));

    await expectWellDesigned(page);
  });
}
