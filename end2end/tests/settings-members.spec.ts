// The people of an organization: inviting them, their roles, finding them, removing them. With scripts and without.
import { type Locator, type Page } from '@playwright/test';
import { newAddress } from './fixtures.ts';
import { expect, expectTold, openSettings, row, section, SETTINGS, settled, test, unfold } from './settings.ts';

const MEMBERS = `${SETTINGS}/members`;

/** Invites somebody whom no other test knows, as the role that is offered or as `role`. */
async function invite(page: Page, role?: string): Promise<string> {
  const email = newAddress();
  const members = section(page, 'Members');
  await unfold(members, 'Invite …');
  await members.getByLabel('E-mail address').fill(email);
  if (role) await members.getByLabel('Role', { exact: true }).selectOption(role);
  await members.getByRole('button', { name: 'Send invitation' }).click();
  await expectTold(page, 'The invitation is on its way.');
  return email;
}

/** Looks for somebody with the form on the page. */
async function find(page: Page, text: string): Promise<Locator> {
  const members = section(page, 'Members');
  await members.getByRole('searchbox', { name: 'Search members' }).fill(text);
  await members.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL((url) => url.pathname === MEMBERS && url.searchParams.get('query') === text);
  await settled(page);
  return row(section(page, 'Members'), text);
}

/** Presses "Remove …", and then the button below the question. */
async function remove(member: Locator): Promise<void> {
  await unfold(member, 'Remove …');
  await expect(member.getByText(/^Remove .* from the organization\? Their sessions in it end\.$/)).toBeVisible();
  await member.getByRole('button', { name: 'Remove', exact: true }).click();
}

test('somebody is invited, invited again, given another role, and removed', async ({ page }) => {
  await openSettings(page, 'Ada');
  const email = await invite(page);
  let member = await find(page, email);
  await expect(member).toContainText('Grace Hopper');
  await expect(member.locator('.badge')).toHaveText(['Invited']);
  await expect(member.getByRole('combobox')).toHaveValue('member');

  await member.getByRole('button', { name: 'Resend' }).click();
  await expectTold(page, 'The invitation was sent again.');

  member = await find(page, email);
  await member.getByLabel('Role of Grace Hopper').selectOption('Manager');
  await member.getByRole('button', { name: 'Change the role of Grace Hopper' }).click();
  await expectTold(page, 'The role is changed.');

  member = await find(page, email);
  await expect(member.locator('.row-detail').last()).toHaveText('Manager');
  await expect(member.getByRole('combobox')).toHaveValue('manager');
  await remove(member);
  await expectTold(page, 'The member is removed.');

  await expect(await find(page, email)).toHaveCount(0);
  await expect(section(page, 'Members')).toContainText('Nobody was found.');
});

test('somebody is invited as what they are to be', async ({ page }) => {
  await openSettings(page, 'Ada', MEMBERS);
  const email = await invite(page, 'Administrator');

  const member = await find(page, email);
  await expect(member.locator('.row-detail').last()).toHaveText('Administrator');
  await remove(member);
  await expectTold(page, 'The member is removed.');
});

test('somebody who is in already is not invited again, and the page says why', async ({ page, allowConsole }) => {
  allowConsole(/status of 409/);
  await openSettings(page, 'Ada', MEMBERS);
  const members = section(page, 'Members');
  await unfold(members, 'Invite …');
  await members.getByLabel('E-mail address').fill('max@acme.example');
  await members.getByRole('button', { name: 'Send invitation' }).click();

  await expectTold(page, 'That exists already. Choose something else.');
});

test('a manager invites', async ({ page }) => {
  await openSettings(page, 'Ayesha');
  const email = await invite(page);

  const member = await find(page, email);
  await member.getByRole('button', { name: 'Resend' }).click();
  await expectTold(page, 'The invitation was sent again.');
});

test('nobody changes their own role or removes themselves', async ({ page, servers }) => {
  await openSettings(page, 'Ada', MEMBERS);
  const own = row(section(page, 'Members'), 'ada@acme.example');
  await expect(own).toContainText('You');
  await expect(own.locator('form, summary')).toHaveCount(0);

  for (const [path, form] of [
    ['change-role', { member: 'usr_63261014140912135', role: 'member' }],
    ['remove-member', { member: 'usr_63261014140912135' }],
  ] as const) {
    const headers = { accept: 'application/json', origin: servers.app };
    const answer = await page.request.post(`${SETTINGS}/${path}`, { form, headers });
    expect(answer.status(), path).toBe(409);
    expect(await answer.json()).toMatchObject({ error: 'Ask another administrator to do that to your own account.' });
  }
});

test('a search finds people by name and by address, and leads back to everybody', async ({ page }) => {
  await openSettings(page, 'Ada');
  await expect(await find(page, 'Lefèvre')).toContainText('Benoît Lefèvre');
  await expect(section(page, 'Members').locator('.row')).toHaveCount(1);
  await expect(section(page, 'Members').getByRole('searchbox')).toHaveValue('Lefèvre');
  await expect(section(page, 'Members').getByRole('navigation')).toContainText('1 member');

  await find(page, 'acme.example');
  await expect(section(page, 'Members').locator('.row')).toHaveCount(10);

  await section(page, 'Members').getByRole('link', { name: 'Show everybody' }).click();
  await expect(page).toHaveURL(MEMBERS);
  await expect(section(page, 'Members').getByRole('searchbox')).toHaveValue('');
});

test('a search that finds nobody says so', async ({ page }) => {
  await openSettings(page, 'Ada', MEMBERS);

  await expect(await find(page, 'nobody at all')).toHaveCount(0);

  await expect(section(page, 'Members')).toContainText('Nobody was found. Try another part of the name or address.');
  await expect(section(page, 'Members')).toContainText('0 members');
});

test('the pages of the list lead on and back, and together have everybody once', async ({ page }) => {
  await openSettings(page, 'Ada', MEMBERS);
  const members = section(page, 'Members');
  const pages = members.getByRole('navigation', { name: 'Pages of members' });
  const total = Number(/^(\d+) members/.exec(await pages.innerText())?.[1]);
  const last = Math.ceil(total / 10);
  expect(last).toBeGreaterThan(2);
  const addresses = () => members.locator('.row .row-detail:nth-of-type(2)').allInnerTexts();
  await expect(pages.getByRole('link', { name: 'Previous' })).toHaveCount(0);

  const shown = [await addresses()];
  for (let number = 2; number <= last; number++) {
    await pages.getByRole('link', { name: 'Next' }).click();
    await expect(members).not.toContainText(shown.at(-1)![0]!);
    shown.push(await addresses());
  }
  await expect(pages.getByRole('link', { name: 'Next' })).toHaveCount(0);
  expect(new Set(shown.flat()).size, 'different addresses').toBe(total);

  await pages.getByRole('link', { name: 'Previous' }).click();
  await expect(members).not.toContainText(shown.at(-1)![0]!);
  expect(await addresses()).toEqual(shown.at(-2));
});

test('the pages of a search stay within what was looked for', async ({ page }) => {
  await openSettings(page, 'Ada', MEMBERS);
  await find(page, 'acme.example');
  const members = section(page, 'Members');

  await members.getByRole('link', { name: 'Next' }).click();

  await expect(page).toHaveURL((url) => url.searchParams.get('query') === 'acme.example' && url.searchParams.has('page_token'));
  await expect(members.getByRole('searchbox')).toHaveValue('acme.example');
  await expect(members.getByRole('link', { name: 'Previous' })).toBeVisible();
});

test('whoever changes somebody on a page of the list stays on that page', async ({ page }) => {
  await openSettings(page, 'Ada', MEMBERS);
  await find(page, 'acme.example');
  const members = section(page, 'Members');
  await members.getByRole('link', { name: 'Next' }).click();
  await expect(members.getByRole('link', { name: 'Previous' })).toBeVisible();
  await settled(page);
  const before = await members.locator('.row .row-detail:nth-of-type(2)').allInnerTexts();

  // To what it is already, so that nothing has to be put back.
  await members.getByRole('button', { name: /^Change the role of / }).first().click();
  await expectTold(page, 'The role is changed.');

  await expect(members.locator('.row .row-detail:nth-of-type(2)')).toHaveText(before);
  await expect(members.getByRole('searchbox')).toHaveValue('acme.example');
});
