// Scalekit's admin portal without scripts: a window of its own. With scripts: settings-portal.hydrate.spec.ts.
import { expect, expectTold, openSettings, section, SETTINGS, test } from './settings.ts';

test('the portal opens in a window of its own, with a fresh link each time', async ({ page, servers }) => {
  await openSettings(page, 'Ada');
  const open = section(page, 'Single sign-on').getByRole('button', { name: 'Open the admin portal' });
  const links: string[] = [];

  for (let count = 0; count < 2; count++) {
    const [portal] = await Promise.all([page.waitForEvent('popup'), open.click()]);
    await expect(portal.getByRole('heading', { level: 1 })).toHaveText('Admin portal');
    await expect(portal.getByRole('main')).toContainText('for Acme Corp');
    expect(new URL(portal.url()).origin).toBe(servers.emulator);
    links.push(portal.url());
    await portal.close();
  }

  expect(new Set(links).size).toBe(2);
  for (const link of links) expect((await page.request.get(link)).status(), 'a link that was used').toBe(410);
  await expect(page, 'this one stays').toHaveURL(`${SETTINGS}?wait`);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a portal that cannot be opened is told in that window', async ({ page, fail }) => {
  await openSettings(page, 'Ada', `${SETTINGS}/single-sign-on`);
  await fail('portal', { fault: 'status', value: 503 });

  const [told] = await Promise.all([
    page.waitForEvent('popup'),
    section(page, 'Single sign-on').getByRole('button', { name: 'Open the admin portal' }).click(),
  ]);

  await expect(told).toHaveURL((url) => url.pathname === `${SETTINGS}/single-sign-on`);
  await expectTold(told, 'Scalekit does not answer right now. Look whether it has happened before you try again.');
});
