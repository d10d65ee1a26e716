/** How the console's door answers: headers that every answer has, pages by the encoding that the browser takes. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { PageFile, Pages } from '../../web/web.ts';

/** Nothing inline, nothing from elsewhere, in nobody's frame; markup in data stays text, as no script may write markup. */
export const SECURE: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

export interface SendPage {
  readonly pages: Pages;
  readonly file: PageFile;
  readonly status: number;
}

export async function sendPage(request: IncomingMessage, response: ServerResponse, { pages, file, status }: SendPage): Promise<void> {
  const encoding = file.compressed ? encodingOf(request.headers['accept-encoding'] ?? '') : 'identity';
  response.setHeader('content-type', file.type);
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('cache-control', file.forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (status === 200) {
    response.setHeader('etag', file.etag);
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304).end();
      return;
    }
  }
  const bytes = await pages.read(file, encoding);
  if (encoding !== 'identity') response.setHeader('content-encoding', encoding);
  response.writeHead(status, { 'content-length': bytes.length }).end(request.method === 'HEAD' ? undefined : bytes);
}

function encodingOf(accepted: string): 'br' | 'gzip' | 'identity' {
  const names = accepted.split(',').map((each) => each.split(';', 1)[0]?.trim());
  return names.includes('br') ? 'br' : names.includes('gzip') ? 'gzip' : 'identity';
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** As the API says its errors. The connection is closed where a body may still come. */
export function sendRefusal(response: ServerResponse, status: number, message: string): void {
  if (status !== 401) response.setHeader('connection', 'close');
  const code = status === 401 ? 'console/signed-out' : 'console/refused';
  sendJson(response, status, { error: { code, message, hint: 'Type `antler console` and open what it prints' } });
}
