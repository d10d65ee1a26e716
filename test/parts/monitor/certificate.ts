/** A certificate that signs itself, made for one test. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { exec } from '../../../src/kit/exec.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** For `localhost`, valid for so many days. */
export async function certificate(days: number): Promise<Certificate> {
  const folder = await mkdtemp('/var/tmp/antler-certificate-');
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', String(days)];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    await exec(['openssl', 'req', '-x509', ...curve, '-nodes', ...names, '-keyout', key, '-out', cert], {
      signal: AbortSignal.timeout(10_000),
    });
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
