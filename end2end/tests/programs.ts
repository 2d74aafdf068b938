// Programs that tests start and stop: servers of ours that are configured in a way of their own, and their providers.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** In milliseconds. Python takes one or two seconds on an idle machine. */
const READY_WITHIN = 20_000;

export type Program = {
  command: [string, ...string[]];
  environment: NodeJS.ProcessEnv;
  /** Answers with success once the program is ready. */
  readyAt: string;
  /** Where its output goes. */
  log: string;
};

/** Starts a program, does `work` once it is ready, and stops it. */
export async function whileRunning(
  { command, environment, readyAt, log }: Program,
  work: () => Promise<void>,
): Promise<void> {
  const [file, ...args] = command;
  const output = openSync(log, 'w');
  const child = spawn(file, args, {
    cwd: resolve(import.meta.dirname, '../..'),
    env: environment,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  // Should this process be told to end in the middle of a test.
  const stop = () => void child.kill();
  process.once('exit', stop);
  try {
    await once(child, 'spawn');
    const latest = Date.now() + READY_WITHIN;
    while (!(await answers(readyAt))) {
      if (hasEnded(child) || Date.now() > latest) {
        throw new Error(`${file} did not get ready:\n${readFileSync(log, 'utf8')}`);
      }
      await pause(50);
    }
    await work();
  } finally {
    process.off('exit', stop);
    if (child.pid !== undefined && !hasEnded(child)) {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
  }
}

/** A server of ours on `port`, with `settings` that say at least who its provider is. */
export function server(port: number, settings: Record<string, string>, log: string): Program {
  return {
    command: [process.env['SERVER_BINARY'] ?? ''],
    environment: {
      ...inherited(),
      LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
      SESSION_STORE_URL: 'memory:',
      SESSION_SECRETS: randomBytes(32).toString('base64'),
      ...settings,
    },
    readyAt: `http://127.0.0.1:${port}/readyz`,
    log,
  };
}

/** The environment without what configures a server of ours: each test says that itself. */
export function inherited(): NodeJS.ProcessEnv {
  const isOurs = /^(SCALEKIT|SESSION|LEPTOS)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs.test(name)));
}

/** Two ports nobody listens on. Held until both are known, so that they differ. */
export async function freePorts(): Promise<{ provider: number; app: number }> {
  const held = [createServer(), createServer()] as const;
  await Promise.all(held.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const [provider, app] = held.map((server) => (server.address() as AddressInfo).port) as [number, number];
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return { provider, app };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
