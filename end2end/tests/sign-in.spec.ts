// The ways to sign in, and what the dashboard then knows.
import {
  continueAs,
  continueWithEmail,
  enterCode,
  expect,
  expectSignedIn,
  expectSignedOut,
  newAddress,
  signIn,
  test,
} from './fixtures.ts';

test('a ready-made person sees who she is, where, and what she may do', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Ada');
  const profile = page.getByRole('region', { name: 'Profile' });
  await expect(profile).toContainText('Ada Admin');
  await expect(profile).toContainText('ada@acme.example');
  await expect(profile).toContainText('usr_63261014140912135');
  const organization = page.getByRole('region', { name: 'Organization' });
  await expect(organization).toContainText('org_59615193906282635');
  await expect(organization.getByRole('listitem')).toHaveText(['admin']);
  // A subset, in this order: Scalekit's own for administrators are among them.
  await expect(page.getByRole('region', { name: 'Permissions' }).getByRole('listitem')).toContainText([
    'organization:settings',
    'members:manage',
    'sk_org_users_invite',
    'workspace_data:read',
    'workspace_data:write',
  ]);
  const claims = page.getByRole('region', { name: 'Claims about you' });
  for (const [name, value] of [
    ['email', 'ada@acme.example'],
    ['sub', 'usr_63261014140912135'],
    ['oid', 'org_59615193906282635'],
  ] as const) {
    const header = page.getByRole('rowheader', { name: new RegExp(`^${name} `) });
    const row = claims.getByRole('row').filter({ has: header });
    await expect(row.getByRole('cell')).toHaveText(value);
  }
});

test('a member has the rights of a member', async ({ page }) => {
  await signIn(page, 'Max Member');

  await expect(page.getByRole('region', { name: 'Organization' }).getByRole('listitem')).toHaveText(['member']);
  await expect(page.getByRole('region', { name: 'Permissions' }).getByRole('listitem')).toHaveText([
    'workspace_data:read',
  ]);
});

// Rules: w14
test('W14: no token reaches the browser, neither in a page nor in a cookie', async ({ page, context }) => {
  const token = /eyJ[\w-]+\.|\brt_\w{8}/;
  const bodies: string[] = [];
  const reads: Promise<unknown>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'document' && response.status() === 200) {
      reads.push(response.text().then((text) => bodies.push(text)));
    }
  });

  await signIn(page, 'Ada Admin');
  await expectSignedIn(page);
  await Promise.all(reads);

  // The emulator's page and the dashboard, twice.
  expect(bodies.length).toBeGreaterThanOrEqual(3);
  expect(bodies.filter((body) => token.test(body))).toEqual([]);
  expect(await page.content()).not.toMatch(token);
  const { cookies, origins } = await context.storageState();
  expect(JSON.stringify(cookies)).not.toMatch(token);
  expect(origins, 'what scripts have stored').toEqual([]);
});

test('an e-mail address and its code sign in', async ({ page }) => {
  const email = newAddress();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
  await continueWithEmail(page, email);
  await enterCode(page, '424242');

  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('region', { name: 'Profile' })).toContainText('Grace Hopper');
  await expect(page.getByRole('region', { name: 'Profile' })).toContainText(email);
});

test('a wrong code is told, and the right one then works', async ({ page, allowConsole }) => {
  // The page that tells of the mistake has this status, and Chromium writes that to the console.
  allowConsole(/status of 422/);
  await page.goto('/auth/login');
  await continueWithEmail(page, newAddress());
  await enterCode(page, '111111');

  await expect(page.getByRole('alert')).toHaveText('That code is not right. Check it and try again.');
  await enterCode(page, '424242');
  await expect(page).toHaveURL('/dashboard');
});

test('someone in two organizations chooses one of them', async ({ page }) => {
  await page.goto('/auth/login');
  await continueAs(page, 'Olga Orgs');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose an organization');
  await page.getByRole('button', { name: /^Acme Corp/ }).click();
  await expect(page).toHaveURL('/dashboard');
  const organization = page.getByRole('region', { name: 'Organization' });
  await expect(organization).toContainText('org_59615193906282635');
  await expect(organization.getByRole('listitem')).toHaveText(['member']);
});

test('someone who knows the organization is not asked for it', async ({ page }) => {
  await page.goto('/login');
  await page.getByText('I know my organization ID').click();
  await page.getByLabel('Organization ID').fill('org_61022748190511244');
  await page.getByRole('button', { name: 'Continue with organization' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Globex/);
  await continueAs(page, 'Olga Orgs');
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('region', { name: 'Organization' })).toContainText('org_61022748190511244');
});

test('the address from our sign-in page is filled in at the provider', async ({ page }) => {
  const email = newAddress();
  await page.goto('/login');
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button', { name: 'Continue with e-mail' }).click();

  await expect(page.getByLabel('E-mail address')).toHaveValue(email);
});

// Rules: rfc6749-4.1.2.1-denied
test('someone who says no is not signed in', async ({ page, allowConsole }) => {
  allowConsole(/status of 403/);
  await page.goto('/auth/login');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().includes('/auth/callback?')),
    page.getByRole('button', { name: 'Deny' }).click(),
  ]);

  expect(answer.status()).toBe(403);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Access was denied');
  await expectSignedOut(page);
});

test('someone who is signed in is led past the landing and the sign-in page', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await page.goto('/');
  await expect(page).toHaveURL('/dashboard');
  await page.goto('/login?next=%2Fdashboard%3Ftab%3D2');
  await expect(page).toHaveURL('/dashboard?tab=2');
});
