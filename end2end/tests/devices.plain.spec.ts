// Your devices without scripts: a form and a redirect. With them: devices.hydrate.spec.ts.
import { continueWithEmail, enterCode, expect, signInAsSomebodyNew, signInWithCode, test } from './fixtures.ts';

for (const { question, button, notice, name } of [
  { question: /^End …/, button: 'End this session', notice: 'That session has ended.', name: 'session-ended' },
  { question: /^End all/, button: 'End all others', notice: 'All your other sessions have ended.', name: 'others-ended' },
]) {
  test(`"${button}" leads back to the devices, which say what came of it`, async ({ page, browser, watch }) => {
    const context = await browser.newContext();
    watch(context);
    const email = await signInAsSomebodyNew(page);
    await signInWithCode(await context.newPage(), email);
    await page.goto('/auth/login?prompt=login&next=%2Fsessions');
    await continueWithEmail(page, email);
    await enterCode(page, '424242');
    const devices = page.getByRole('region', { name: 'Your devices' });
    await devices.locator('summary').filter({ hasText: question }).click();

    await devices.getByRole('button', { name: button, exact: true }).click();

    await expect(page).toHaveURL(`/sessions?notice=${name}`);
    await expect(page.getByRole('main').getByRole('status').first()).toHaveText(notice);
    await expect(devices.getByRole('listitem')).toHaveCount(1);
  });
}
