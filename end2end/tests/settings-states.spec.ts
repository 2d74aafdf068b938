// The states of a section: empty, not to be had, not offered, not allowed, refused; and how each looks. With scripts and
// without. Sections that are slow: settings-states.hydrate.spec.ts and settings-states.plain.spec.ts.
import {
  expect,
  expectTold,
  expectWellDesigned,
  onScreen,
  openSettings,
  row,
  section,
  SECTIONS,
  SETTINGS,
  settled,
  test,
  unfold,
  WIDTHS,
} from './settings.ts';

const BROKEN = { fault: 'status', value: 500 } as const;

test('a section that fails says so and leaves the others alone', async ({ page, fail }) => {
  await fail('domains', BROKEN);
  await openSettings(page, 'Ada');

  await expect(section(page, 'Domains')).toContainText('Scalekit does not answer right now. Nothing is lost.');
  for (const [title] of SECTIONS.filter(([title]) => title !== 'Domains')) {
    await expect(section(page, title)).not.toContainText('Scalekit does not answer');
  }
  await expect(row(section(page, 'Members'), 'ada@acme.example')).toBeVisible();
});

test('"Try again" fails again while it lasts, and works once it is over', async ({ page, fail }) => {
  await fail('domains', BROKEN);
  await openSettings(page, 'Ada');
  const domains = section(page, 'Domains');
  const again = domains.getByRole('link', { name: 'Try again' });

  await again.click();
  await expect(page).toHaveURL(`${SETTINGS}/domains`);
  await expect(domains).toContainText('Scalekit does not answer right now.');
  await fail('domains', null);
  await again.click();

  await expect(row(domains, 'acme.example')).toBeVisible();
  await expect(again).toHaveCount(0);
});

test('members that cannot be listed without their roles say so; the roles fail on their own', async ({ page, fail }) => {
  await fail('roles', BROKEN);
  await openSettings(page, 'Ada');

  for (const title of ['Members', 'Roles']) {
    await expect(section(page, title).getByRole('link', { name: 'Try again' })).toBeVisible();
  }
  await expect(section(page, 'Profile').getByRole('switch')).toHaveCount(4);
});

test('a page whose profile fails still has a heading', async ({ page, fail }) => {
  await fail('organization', BROKEN);
  await openSettings(page, 'Ada');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your organization');
  await expect(section(page, 'Profile').getByRole('link', { name: 'Try again' })).toBeVisible();
});

test('all sections may fail at once', async ({ page, fail }) => {
  for (const endpoint of ['organization', 'members', 'roles', 'connections', 'directories', 'domains', 'policy'] as const) {
    await fail(endpoint, BROKEN);
  }
  await openSettings(page, 'Ada');

  await expect(page.getByRole('main').getByRole('link', { name: 'Try again' })).toHaveCount(7);
});

test('what is not offered, and what needs an operator, is not offered to be tried again', async ({ page, fail }) => {
  await fail('directories', { fault: 'status', value: 404 });
  await fail('policy', { fault: 'status', value: 403 });
  await openSettings(page, 'Ada');

  await expect(section(page, 'Directory sync')).toContainText('Your identity provider does not offer this.');
  await expect(section(page, 'Session policy')).toContainText(
    'Scalekit does not let this application see this. Whoever runs it must allow management API access.',
  );
  await expect(page.getByRole('link', { name: 'Try again' })).toHaveCount(0);
});

for (const width of WIDTHS) {
  test.describe(`at ${width} pixels, in light and in dark, all is well with`, () => {
    test.beforeEach(({ page }) => onScreen(page, width));

    test('everything that an administrator sees', async ({ page }) => {
      await openSettings(page, 'Ada');
      await expectWellDesigned(page);
    });

    test('the forms and questions that are folded away', async ({ page }) => {
      await openSettings(page, 'Ada');
      await page.locator('main details').evaluateAll((all) => all.forEach((details) => details.setAttribute('open', '')));
      await expect(page.getByRole('button', { name: 'Send invitation' })).toBeVisible();
      await expectWellDesigned(page);
    });

    test('an organization that has set up nothing', async ({ page }) => {
      await openSettings(page, 'Olga');
      await expectWellDesigned(page);
    });

    test('sections that somebody may not see', async ({ page }) => {
      await openSettings(page, 'Ayesha');
      await expectWellDesigned(page);
    });

    test('sections that cannot be had', async ({ page, fail }) => {
      await fail('domains', BROKEN);
      await fail('directories', { fault: 'status', value: 404 });
      await fail('policy', { fault: 'status', value: 403 });
      await openSettings(page, 'Ada');
      await expectWellDesigned(page);
    });

    test('a search that found nobody', async ({ page }) => {
      await openSettings(page, 'Ada', `${SETTINGS}/members?query=nobody+at+all`);
      await expect(section(page, 'Members')).toContainText('Nobody was found.');
      await expectWellDesigned(page);
    });

    test('somebody who is invited, in the middle of the list', async ({ page }) => {
      const email = 'a.person-with-a-very-long-address.who.was.invited+sktest@a-company-with-a-long-name.example';
      await openSettings(page, 'Ada', `${SETTINGS}/members`);
      const members = section(page, 'Members');
      await unfold(members, 'Invite …');
      await members.getByLabel('E-mail address').fill(email);
      await members.getByRole('button', { name: 'Send invitation' }).click();
      await expectTold(page, 'The invitation is on its way.');
      await page.goto(`${SETTINGS}/members?query=very-long-address`);
      await settled(page);
      const member = row(members, email);
      await expect(member.getByRole('button', { name: 'Resend' })).toBeVisible();
      await expectWellDesigned(page);

      await unfold(member, 'Remove …');
      await member.getByRole('button', { name: 'Remove', exact: true }).click();
      await expectTold(page, 'The member is removed.');
    });

    test('what is said after something was not done', async ({ page, allowConsole }) => {
      allowConsole(/status of 409/);
      await openSettings(page, 'Ada', `${SETTINGS}/domains`);
      const domains = section(page, 'Domains');
      await domains.getByRole('textbox', { name: 'New domain' }).fill('globex.example');
      await domains.getByRole('button', { name: 'Add domain' }).click();
      await expectTold(page, 'That exists already.');
      await expectWellDesigned(page);
    });

    test('what is said after something was done, and a long name', async ({ page }) => {
      const name = 'this-is-quite-a-long-name-for-a-domain-on-a-small-telephone.example';
      await openSettings(page, 'Ada', `${SETTINGS}/domains`);
      const domains = section(page, 'Domains');
      await domains.getByRole('textbox', { name: 'New domain' }).fill(name);
      await domains.getByRole('button', { name: 'Add domain' }).click();
      await expectTold(page, 'The domain is added.');
      await expectWellDesigned(page);

      await unfold(row(domains, name), 'Remove …');
      await row(domains, name).getByRole('button', { name: 'Remove', exact: true }).click();
      await expectTold(page, 'The domain is removed.');
    });
  });
}
