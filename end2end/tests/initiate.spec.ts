// Sign-ins that begin elsewhere (W24): at a bookmark, at another site, at an identity provider's portal.
import {
  appUrl,
  continueAs,
  emulatorUrl,
  enterCode,
  expect,
  expectSignedIn,
  expectSignedOut,
  newAddress,
  signIn,
  test,
  visitElsewhere,
} from './fixtures.ts';

const INITIATE = '/auth/initiate';

/** The address of a sign-in that a third party begins. */
function initiation(parameters: Record<string, string>): string {
  return `${INITIATE}?${new URLSearchParams(parameters)}`;
}

// Rules: initiation-nothing
test('nobody says who sends the person: the sign-in page is shown', async ({ page }) => {
  await page.goto(INITIATE);

  await expect(page).toHaveURL('/login');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByRole('link', { name: 'Continue with Scalekit' }).click();
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL('/dashboard');
});

test('whoever is signed in already stays so', async ({ page }) => {
  await signIn(page, 'Ada Admin');

  await page.goto(INITIATE);

  await expect(page).toHaveURL('/dashboard');
});

// Rules: core-4-iss, core-4-login-hint
test('a site that names the provider begins a sign-in, with the address that it knows', async ({ page }) => {
  const email = newAddress();
  const address = `${appUrl()}${initiation({ iss: emulatorUrl(), login_hint: email })}`;
  await visitElsewhere(page, `<a href="${address.replaceAll('&', '&amp;')}">Open the application</a>`);

  await page.getByRole('link', { name: 'Open the application' }).click();

  await expect(page.getByLabel('E-mail address')).toHaveValue(email);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await enterCode(page, '424242');
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('region', { name: 'Profile' })).toContainText(email);
});

// Rules: core-4-target-link-uri
test('the person lands where the site says, if that is here', async ({ page }) => {
  const there = `${appUrl()}/dashboard?tab=claims`;
  await page.goto(initiation({ iss: emulatorUrl(), target_link_uri: there }));
  await continueAs(page, 'Ada Admin');
  await expect(page).toHaveURL(there);

  // From now on the provider knows her, and asks nothing.
  for (const elsewhere of ['https://evil.example/dashboard', '//evil.example', `${appUrl()}.evil.example/`]) {
    await page.goto(initiation({ iss: emulatorUrl(), target_link_uri: elsewhere }));
    await expect(page).toHaveURL('/dashboard');
  }
});

// Rules: w24, initiation-own-state
test('W24: what comes along never becomes the state', async ({ page }) => {
  const parameters = { iss: emulatorUrl(), state: 'chosen', nonce: 'chosen', relay_state: 'chosen', code: 'chosen' };
  const answer = await page.request.get(initiation(parameters), { maxRedirects: 0 });

  expect(answer.status()).toBe(303);
  const location = answer.headers()['location'] ?? '';
  expect(new URL(location).origin).toBe(emulatorUrl());
  expect(location).not.toContain('chosen');
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(new URL(location).searchParams.get(name)?.length, name).toBeGreaterThanOrEqual(22);
  }
});

for (const { happens, parameters, status, heading, way } of [
  {
    happens: 'the site names another provider',
    parameters: { iss: 'https://evil.example' },
    status: 400,
    heading: 'That request is incomplete',
    way: 'Sign in again',
  },
  {
    happens: 'the note of a portal is none',
    parameters: { idp_initiated_login: 'br0ken-n0te' },
    status: 400,
    heading: 'That link does not work any more',
    way: 'Sign in here',
  },
  {
    happens: 'the note of a portal is unsigned',
    parameters: { idp_initiated_login: unsigned({ organization_id: 'org_1', exp: 4_000_000_000 }) },
    status: 400,
    heading: 'That link does not work any more',
    way: 'Sign in here',
  },
  {
    happens: 'the note of a portal is empty',
    parameters: { idp_initiated_login: '' },
    status: 400,
    heading: 'That request is incomplete',
    way: 'Sign in again',
  },
]) {
  // Rules: core-4-iss, initiation-verified
  test(`when ${happens}, a page says so and leads on`, async ({ page, allowConsole }) => {
    allowConsole(new RegExp(`status of ${status}`));

    const answer = await page.goto(initiation(parameters));

    expect(answer?.status()).toBe(status);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByText(`Error ${status}`)).toBeVisible();
    expect(await page.content(), 'nothing of the address is repeated').not.toMatch(/evil|br0ken|eyJ/);
    await page.getByRole('link', { name: way }).click();
    await expect(page).toHaveURL('/login');
    await expectSignedOut(page);
  });
}

test('a link that does not work signs nobody out', async ({ page, allowConsole }) => {
  allowConsole(/status of 400/);
  await signIn(page, 'Ada Admin');

  await page.goto(initiation({ idp_initiated_login: 'broken' }));
  await page.getByRole('link', { name: 'Sign in here' }).click();

  await expect(page).toHaveURL('/dashboard');
  await expectSignedIn(page);
});

function unsigned(claims: object): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
