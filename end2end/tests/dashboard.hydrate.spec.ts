// What scripts add to the dashboard: times that move. That nothing is said on the console, the fixtures see to.
import { expect, hydrated, signIn, test } from './fixtures.ts';

test('the countdowns tick once the page is alive', async ({ page }) => {
  await signIn(page, 'Ada Admin');
  await hydrated(page);
  const countdown = page.locator('dt:has-text("Access token ends in") + dd .countdown-text');
  const left = async () => {
    const [, minutes, seconds] = /^(\d+) min (\d+) s$/.exec(await countdown.innerText()) ?? [];
    return Number(minutes) * 60 + Number(seconds);
  };

  const before = await left();
  expect(before).toBeGreaterThan(200);
  expect(before).toBeLessThanOrEqual(300);
  await expect.poll(left, 'seconds left').toBeLessThan(before - 1);
});

for (const path of ['/', '/login', '/dashboard', '/signed-out']) {
  test(`${path} comes to life`, async ({ page }) => {
    await page.goto(path);

    await hydrated(page);
  });
}
