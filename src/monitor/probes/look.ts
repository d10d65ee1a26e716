/** What one look gave, before anybody judged whose fault it is. */

export interface Look {
  readonly outcome: 'good' | 'late' | 'bad';
  readonly ms: number;
  /** Short, for people. */
  readonly detail: string;
  /** Of failures: the first KB of what came. */
  readonly evidence?: string;
  /** `X-Release` of the answer. */
  readonly release?: string;
  /** Of a certificate. */
  readonly expiresAt?: number;
  /** Of failures without an answer: what the system said, e.g. `ECONNREFUSED`; `resolver` where the name was still being looked up. */
  readonly fault?: string;
}

export const EVIDENCE_BYTES = 1024;

/** `1.2 s`, `40 ms`: short. */
export function shortly(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'cut off',
  EPIPE: 'cut off',
  ETIMEDOUT: 'no connection',
  EHOSTUNREACH: 'not reachable',
  ENETUNREACH: 'no route',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'the name cannot be looked up',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  CERT_HAS_EXPIRED: 'the certificate has ended',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS',
};

/** A system's error, for people. */
export function failed(error: unknown, ms: number): Look {
  const code = codeOf(error);
  const detail = (code === undefined ? undefined : WORDS[code]) ?? code ?? (error instanceof Error ? error.message : String(error));
  return { outcome: 'bad', ms, detail, ...(code === undefined ? {} : { fault: code }) };
}

/** Of a host with several addresses Node gives one error for all. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function silent(timeoutMs: number, ms: number): Look {
  return { outcome: 'bad', ms, detail: `no answer in ${shortly(timeoutMs)}` };
}

/** The name was still being looked up when time was over: that is the resolver's silence. */
export function unresolved(ms: number): Look {
  return { outcome: 'bad', ms, detail: 'the resolver does not answer', fault: 'resolver' };
}

/** Good, or late where it took longer than it may. */
export function answered(ms: number, { lateMs, detail = '' }: { readonly lateMs: number; readonly detail?: string }): Look {
  return ms > lateMs ? { outcome: 'late', ms, detail: `slow: ${shortly(ms)}` } : { outcome: 'good', ms, detail };
}
