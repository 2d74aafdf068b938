// What the app sends to browsers, read on the wire: no raw token is in it (promise 1).
import { type BrowserContext, type Request, type Response } from '@playwright/test';

/** A JWT of any kind, or a refresh token as the emulator makes them. Sealed values and nonces must not look like one. */
const TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<![\w-])rt_[\w-]{43}(?![\w-])/;

/** Files that are the same for everybody, already read by this worker. */
const readFiles = new Set<string>();

export type Wire = {
  /** Reads along from now on. */
  watch: (context: BrowserContext) => void;
  /** What has been read, once all that has arrived is. */
  seen: () => Promise<Seen>;
};

type Seen = {
  /** The paths, in the order in which they were read. */
  paths: string[];
  /** The answers with a token in them: which part, and of which address. */
  leaks: string[];
};

/** Reads what `origin` sends. */
export function wireOf(origin: string): Wire {
  const seen: Seen = { paths: [], leaks: [] };
  const reads: Promise<void>[] = [];
  const read = async (answer: Response): Promise<void> => {
    const url = new URL(answer.url());
    const isRedirect = answer.status() >= 300 && answer.status() < 400;
    const isFile = url.pathname.startsWith('/pkg/');
    // Asked for at once: when the next page comes, the browser forgets this one's body.
    const arriving = isRedirect || readFiles.has(url.href) ? '' : text(answer);
    const [headers, body] = await Promise.all([answer.headersArray(), arriving]);
    const isWayOut = /^\/logout\/?$/.test(url.pathname);
    const parts = headers.map(({ name, value }) => {
      const isHint = isWayOut && name.toLowerCase() === 'location';
      return [name.toLowerCase(), isHint ? withoutHint(value) : value] as const;
    });
    for (const [part, value] of [...parts, ['body', body ?? ''] as const]) {
      if (TOKEN.test(value)) seen.leaks.push(`${part} of ${answer.request().method()} ${url.origin}${url.pathname}`);
    }
    if (body === undefined) return;
    if (isFile) readFiles.add(url.href);
    seen.paths.push(url.pathname);
  };
  const watch = (context: BrowserContext): void => {
    const answers = new WeakMap<Request, Response>();
    context.on('response', (answer) => void answers.set(answer.request(), answer));
    // Only what has arrived to its end: nobody waits for anything then.
    context.on('requestfinished', (request) => {
      const answer = answers.get(request);
      if (answer === undefined || new URL(answer.url()).origin !== origin) return;
      reads.push(read(answer).catch(() => {}));
    });
  };
  const settled = async (): Promise<Seen> => {
    await Promise.all(reads);
    return seen;
  };
  return { watch, seen: settled };
}

/** The body, unless its page has gone meanwhile and has taken it along. */
function text(answer: Response): Promise<string | undefined> {
  return answer.body().then(
    (bytes) => bytes.toString('latin1'),
    () => undefined,
  );
}

/** The address of the provider's logout without the ID token, which may stand there and nowhere else. */
function withoutHint(location: string): string {
  if (!URL.canParse(location)) return location;
  const url = new URL(location);
  url.searchParams.delete('id_token_hint');
  return url.href;
}
