// What holds for every page: one heading, a title, no accessibility problem in light or dark, room on a small screen.
import { axe, expect, expectToFit, hydrated, test } from './fixtures.ts';
import { places } from './places.ts';

for (const { name, title, says, open } of places) {
  test.describe(name, () => {
    test.beforeEach(async ({ page, allowConsole }) => {
      if (says) allowConsole(says);
      // Colours are judged when they have arrived.
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await open(page);
      if (!name.startsWith('emulator')) await hydrated(page);
    });

    test('is accessible in light and in dark', async ({ page }) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await axe(page);
      }
    });

    test('has one heading and a title, and fits into 320 pixels', async ({ page }) => {
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      expect((await page.title()).startsWith(title), await page.title()).toBe(true);
      expect(await page.title()).toMatch(/\S+ · (Scalekit for Leptos|Scalekit emulator)$/);

      await expectToFit(page, 320);
    });
  });
}
