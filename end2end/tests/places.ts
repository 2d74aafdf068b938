// Every page there is, ours and the emulator's, with the way to it.
import { type Page } from '@playwright/test';
import {
  continueAs,
  continueWithEmail,
  emulatorUrl,
  enterCode,
  followElsewhere,
  newAddress,
  signIn,
  signOut,
} from './fixtures.ts';

export type Place = {
  name: string;
  /** What the window's title begins with. */
  title: string;
  /** What Chromium writes to its console about the status of the page. */
  says?: RegExp;
  open: (page: Page) => Promise<unknown>;
};

export const places: Place[] = [
  { name: 'landing', title: 'Enterprise sign-in', open: (page) => page.goto('/') },
  {
    name: 'sign in, with all that it can show',
    title: 'Sign in',
    open: async (page) => {
      await page.goto('/login?reason=expired&next=%2Fdashboard');
      await page.locator('summary').click();
    },
  },
  { name: 'dashboard', title: 'Dashboard', open: (page) => signIn(page, 'Ada Admin') },
  {
    name: 'sessions',
    title: 'Sessions',
    open: async (page) => {
      await signIn(page, 'Ada Admin');
      await page.goto('/sessions');
    },
  },
  {
    name: 'organizations',
    title: 'Organizations',
    open: async (page) => {
      await signIn(page, 'Max Member');
      await page.goto('/organizations');
    },
  },
  {
    name: 'forbidden',
    title: 'You may not open this page',
    says: /status of 403/,
    open: async (page) => {
      await signIn(page, 'Max Member');
      await page.goto('/organization/settings');
    },
  },
  {
    name: 'signed out',
    title: 'Signed out',
    open: async (page) => {
      await signIn(page, 'Ada Admin');
      await signOut(page);
    },
  },
  {
    name: 'sign out?',
    title: 'Sign out',
    open: async (page) => {
      await signIn(page, 'Ada Admin');
      await followElsewhere(page, new URL('/logout', page.url()));
    },
  },
  {
    name: 'sign in again?',
    title: 'Sign in again',
    open: async (page) => {
      await signIn(page, 'Ada Admin');
      await followElsewhere(page, new URL('/auth/login', page.url()));
    },
  },
  {
    name: 'error',
    title: 'This sign-in cannot be finished here',
    says: /status of 400/,
    open: (page) => page.goto('/auth/callback?code=c0de&state=unknown'),
  },
  { name: 'not found', title: 'There is no page here', says: /status of 404/, open: (page) => page.goto('/no-such-page') },
  { name: 'emulator: who are you', title: 'Sign in', open: (page) => page.goto('/auth/login') },
  {
    name: 'emulator: unknown address',
    title: 'Sign in',
    says: /status of 422/,
    open: async (page) => {
      await page.goto('/auth/login');
      await continueWithEmail(page, 'nobody@example.com');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'emulator: code',
    title: 'Enter the code',
    open: async (page) => {
      await page.goto('/auth/login');
      await continueWithEmail(page, newAddress());
      await page.getByLabel('Six-digit code').waitFor();
    },
  },
  {
    name: 'emulator: wrong code',
    title: 'Enter the code',
    says: /status of 422/,
    open: async (page) => {
      await page.goto('/auth/login');
      await continueWithEmail(page, newAddress());
      await enterCode(page, '111111');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'emulator: which organization',
    title: 'Choose an organization',
    open: async (page) => {
      await page.goto('/auth/login');
      await continueAs(page, 'Olga Orgs');
      await page.getByRole('button', { name: /^Globex/ }).waitFor();
    },
  },
  {
    name: 'emulator: error',
    title: '',
    says: /status of 400/,
    open: (page) => page.goto(`${emulatorUrl()}/oauth/authorize?client_id=nobody`),
  },
  {
    name: 'emulator: signed out',
    title: 'You are signed out',
    open: (page) => page.goto(`${emulatorUrl()}/oidc/logout`),
  },
  {
    name: 'emulator: not found',
    title: 'There is no such page',
    says: /status of 404/,
    open: (page) => page.goto(`${emulatorUrl()}/no-such-page`),
  },
];
