/** A certificate that signs itself, made for one test. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exec } from '../../../src/kit/exec.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const NAMES = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];

/** For `localhost`, valid for so many days. */
export async function certificate(days: number): Promise<Certificate> {
  return inFolder(async ({ key, cert }) =>
    openssl('req', '-x509', ...CURVE, ...NAMES, '-days', String(days), '-keyout', key, '-out', cert),
  );
}

/** For `localhost`, of a day long ago: only `ca` signs for the past. */
export async function endedCertificate(): Promise<Certificate> {
  return inFolder(async ({ folder, key, cert }) => {
    const [config, wish] = [join(folder, 'config'), join(folder, 'wish')];
    const paths = [`new_certs_dir = ${folder}`, `database = ${join(folder, 'index')}`, `serial = ${join(folder, 'serial')}`];
    const rules = ['default_md = sha256', 'policy = any', 'copy_extensions = copy', '[any]', 'commonName = supplied'];
    await writeFile(config, ['[ca]', 'default_ca = own', '[own]', ...paths, ...rules, ''].join('\n'));
    await writeFile(join(folder, 'index'), '');
    await writeFile(join(folder, 'serial'), '01\n');
    await openssl('req', '-new', ...CURVE, ...NAMES, '-keyout', key, '-out', wish);
    const day = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
    await openssl('ca', '-batch', '-selfsign', '-notext', '-config', config, ...day, '-keyfile', key, '-in', wish, '-out', cert);
  });
}

async function openssl(...args: readonly [string, ...string[]]): Promise<void> {
  await exec(['openssl', ...args], { signal: AbortSignal.timeout(10_000) });
}

interface Files {
  readonly folder: string;
  readonly key: string;
  readonly cert: string;
}

async function inFolder(make: (files: Files) => Promise<void>): Promise<Certificate> {
  const folder = await mkdtemp('/var/tmp/antler-certificate-');
  try {
    const files = { folder, key: join(folder, 'key'), cert: join(folder, 'cert') };
    await make(files);
    return { key: await readFile(files.key, 'utf8'), cert: await readFile(files.cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
