/** The console's door: TCP, for browsers. Pages for who has a session's cookie, the API for who has its key as well; everything else is told how to sign in. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { createServer } from '../../kit/http.ts';
import { isView, openPages, type Pages } from '../../web/web.ts';
import { guard } from './guard.ts';
import { SECURE, sendJson, sendPage, sendRefusal, sendText } from './send.ts';
import { SESSION_MS, type Guest, type SignIn } from './sign-in.ts';

export interface ConsolePlace {
  /** With the instance's offset. */
  readonly port: number;
  readonly listen: 'loopback' | 'lan';
}

export interface ConsoleOptions {
  readonly signIn: SignIn;
  /** The folder of the pages. */
  readonly pages: string;
  /** Answers an endpoint as the unix socket would. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, guest: Guest) => void;
  /** Prometheus text. */
  readonly metrics?: () => Promise<string>;
  /** Who listens on a port that is taken. */
  readonly portHolder: (port: number) => Promise<string | undefined>;
  readonly log: (line: string) => void;
}

export interface Console extends AsyncDisposable {
  /** Where it is to be from now on. A port that is taken is said, and tried again when somebody asks for a link. */
  place(place: ConsolePlace): Promise<void>;
  /** A URL that signs in, once. Throws `console/port-taken`, `console/no-pages`. */
  link(actor: string): Promise<{ readonly url: string; readonly expiresAt: number }>;
  /** `http://127.0.0.1:7700`; `''` where it is not open. */
  url(): string;
}

/** A browser's own headers take two KB. */
const MAX_HEADERS = 16 * 1024;
/** What signs in is short. */
const MAX_SIGN_IN = 1024;
const MAX_CONNECTIONS = 500;

interface Open extends ConsolePlace {
  readonly server: Server;
}

export function createConsole(options: ConsoleOptions): Console {
  const { signIn, portHolder, log } = options;
  let wanted: ConsolePlace = { port: 7700, listen: 'loopback' };
  let open: Open | undefined;
  let pages: Pages | undefined;
  const names = new Set(['localhost', hostname().toLowerCase(), `${hostname().toLowerCase()}.local`]);

  const close = async (): Promise<void> => {
    const { server } = open ?? {};
    open = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((done) => void server.close(() => done()));
    server.closeAllConnections();
    await closed;
  };
  const listen = async (): Promise<Open> => {
    pages ??= await openPages(options.pages);
    if (open?.port === wanted.port && open.listen === wanted.listen) return open;
    await close();
    const { port } = wanted;
    const server = createServer({ maxHeaderSize: MAX_HEADERS, requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log(`console: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        if (response.headersSent) response.destroy();
        else sendText(response, 500, 'Something is wrong here; the log of the daemon says what');
      });
    });
    server.maxConnections = MAX_CONNECTIONS;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen({ port, ...(wanted.listen === 'lan' ? {} : { host: '127.0.0.1' }) }, resolve);
    try {
      await promise;
    } catch (error) {
      if (errnoOf(error) !== 'EADDRINUSE') throw error;
      const holder = await portHolder(port);
      throw new AntlerError(
        'console/port-taken',
        `Cannot open the console as port ${port} is taken${holder === undefined ? '' : ` by ${holder}`}`,
      );
    }
    server.off('error', reject).on('error', (error) => log(`console: ${error.message}`));
    open = { ...wanted, server };
    return open;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(SECURE)) response.setHeader(name, value);
    const refusal = guard({ method: request.method ?? '', headers: request.headers }, names);
    if (refusal !== undefined) return sendRefusal(response, refusal.status, refusal.message);
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const cookie = cookieOf(request);
    if (path === '/session') return session(request, response, cookie);
    if (path.startsWith('/v1/')) {
      const guest = signIn.guest(cookie, keyOf(request));
      if (guest === undefined) return sendRefusal(response, 401, 'Cannot answer as you are not signed in');
      return options.serve(request, response, guest);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'Nothing here can be changed');
    if (path === '/metrics' && options.metrics !== undefined) {
      const near = /^(?:::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '');
      if (!near && signIn.visitor(cookie) === undefined) return sendText(response, 401, 'Type `antler console` and open what it prints');
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(await options.metrics());
      return undefined;
    }
    if (pages === undefined) return sendText(response, 503, 'The pages were not made: type `antler up`');
    const file = path === '/index.html' || path === '/sign-in.html' ? undefined : pages.find(path);
    if (file !== undefined) return sendPage(request, response, { pages, file, status: 200 });
    if (path === '/sign-in') return sendPage(request, response, { pages, file: pages.signIn, status: 200 });
    if (signIn.visitor(cookie) === undefined) return sendPage(request, response, { pages, file: pages.signIn, status: 401 });
    return sendPage(request, response, { pages, file: pages.shell, status: isView(path) ? 200 : 404 });
  };

  const session = async (request: IncomingMessage, response: ServerResponse, cookie: string): Promise<void> => {
    const key = keyOf(request);
    const guest = signIn.guest(cookie, key);
    if (request.method === 'GET') {
      if (guest === undefined) return sendRefusal(response, 401, 'Cannot answer as you are not signed in');
      return sendJson(response, 200, { actor: guest.actor, expiresAt: new Date(guest.expiresAt).toISOString() });
    }
    if (request.method === 'DELETE') {
      signIn.out(cookie, key);
      response.setHeader('set-cookie', cookieLine('', 0));
      return sendJson(response, 200, {});
    }
    if (request.method !== 'POST') return sendText(response, 405, 'A session is taken by POST');
    const token = await readToken(request);
    const made = token === undefined ? 'refused' : signIn.redeem(token, request.socket.remoteAddress ?? '');
    if (made === 'too-many') return sendRefusal(response, 429, 'Cannot sign in as too many wrong links were tried; wait a minute');
    if (made === 'refused') return sendRefusal(response, 401, 'Cannot sign in as this link was used already, or is older than ten minutes');
    response.setHeader('set-cookie', cookieLine(made.cookie, SESSION_MS / 1000));
    return sendJson(response, 200, { key: made.key, actor: made.actor });
  };

  /** Cookies know no port: instances side by side have names of their own. */
  const cookieName = (): string => `antler-${open === undefined ? wanted.port : portOf(open.server)}`;
  const cookieLine = (value: string, seconds: number): string =>
    `${cookieName()}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
  const cookieOf = ({ headers }: IncomingMessage): string => {
    const all = (headers.cookie ?? '').split(/;\s*/);
    return all.find((each) => each.startsWith(`${cookieName()}=`))?.slice(cookieName().length + 1) ?? '';
  };

  return {
    async place(place) {
      wanted = place;
      await listen().catch((error: unknown) => log(`console: ${error instanceof Error ? error.message : String(error)}`));
    },
    async link(actor) {
      const { server, listen: where } = await listen();
      if (pages === undefined) throw new AntlerError('console/no-pages', 'Cannot show the console as its pages were not made');
      const { token, expiresAt } = signIn.link(actor);
      const port = portOf(server);
      // In the fragment: it is in no log, no Referer, and no scanner of links uses it up.
      return { url: `http://${hostOf(where)}:${port}/sign-in#${token}`, expiresAt };
    },
    url: () => (open === undefined ? '' : `http://${hostOf(open.listen)}:${open.port}`),
    [Symbol.asyncDispose]: close,
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function keyOf({ headers }: IncomingMessage): string {
  const key = headers['x-antler-key'];
  return typeof key === 'string' ? key : '';
}

/** Undefined where the body is too long or no token. */
async function readToken(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > MAX_SIGN_IN) return undefined;
  }
  try {
    const body: unknown = JSON.parse(text);
    const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

function hostOf(listen: ConsolePlace['listen']): string {
  return listen === 'lan' ? lanName() : '127.0.0.1';
}

/** The first address that is neither loopback nor a bridge of containers; the machine's name where there is none. */
function lanName(): string {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !/^(?:antler|podman|docker|br-|veth|cni)/.test(name));
  const address = all.flatMap(([, list]) => list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  return address ?? hostname();
}
