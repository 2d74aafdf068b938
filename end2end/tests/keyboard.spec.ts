// Everything can be done without a mouse, and the focus can be seen.
import { type Locator, type Page } from '@playwright/test';
import { expect, hydrated, test } from './fixtures.ts';

/** Moves the focus on with Tab until `target` has it, and makes sure that it can be seen there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) {
      const style = await target.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return { outline: outlineStyle !== 'none' && outlineWidth !== '0px', shadow: boxShadow !== 'none' };
      });
      expect(style.outline || style.shadow, `the focus shows on ${target}`).toBe(true);
      return;
    }
  }
  throw new Error(`30 presses of Tab do not lead to ${target}`);
}

test('the first Tab offers to skip to the content', async ({ page }) => {
  await page.goto('/');
  await hydrated(page);
  await page.keyboard.press('Tab');

  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/#content');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').getByRole('link').first()).toBeFocused();
});

test('signing in and out needs no mouse', async ({ page }) => {
  await page.goto('/');
  await tabTo(page, page.getByRole('main').getByRole('link', { name: 'Sign in' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Continue with Scalekit' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: /^Ada Admin/ }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/dashboard');

  await tabTo(page, page.getByRole('button', { name: 'Sign out' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/signed-out');
});

test('the form behind "I know my organization ID" opens with a key', async ({ page }) => {
  await page.goto('/login');
  await tabTo(page, page.locator('summary'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Organization ID'));
  await page.keyboard.type('org_59615193906282635');
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Acme Corp/);
});
