/** A second registry that stands for a public one: over TLS, at an address that builds reach, with what the bench's registry holds. */

import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { registryCommand } from '../../../src/images/images.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { freePort, type Bench } from './bench.ts';

export interface PublicRegistry extends AsyncDisposable {
  /** As an image name begins. */
  readonly host: string;
  stop(): Promise<void>;
}

export async function openPublicRegistry(bench: Bench): Promise<PublicRegistry> {
  const { home, signal, instance } = bench;
  const address = ownAddress();
  const port = await freePort();
  const host = `${address}:${port}`;

  const folder = join(home, 'public');
  await cp(join(home, 'registry'), join(folder, 'data'), { recursive: true });
  const [certificate, key, config] = [join(folder, 'ca.crt'), join(folder, 'key.pem'), join(folder, 'config.json')];
  const names = ['-subj', '/CN=public', '-addext', `subjectAltName=IP:${address},IP:127.0.0.1`];
  await exec(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, '-keyout', key, '-out', certificate], {
    signal,
  });
  const storage = { filesystem: { rootdirectory: join(folder, 'data') } };
  await writeFile(config, JSON.stringify({ version: '0.1', storage, http: { addr: `:${port}`, tls: { certificate, key } } }));

  // The builder and we trust it as a machine trusts a registry of its own.
  const trusted = join(`/run/antler-builder-${instance}`, 'etc/containers/certs.d', host);
  await mkdir(trusted, { recursive: true });
  await cp(certificate, join(trusted, 'ca.crt'));
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, await readFile(certificate, 'utf8')]);

  const [program, ...args] = registryCommand(config);
  const child = spawn(program, args, { stdio: 'ignore' });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill();
    await gone;
  };
  const answers = async (): Promise<true | undefined> =>
    fetch(`https://127.0.0.1:${port}/v2/`, { signal }).then(
      ({ ok }) => (ok ? true : undefined),
      () => undefined,
    );
  await poll(answers, { signal, timeoutMs: 10_000, what: 'the public registry' });
  return {
    host,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      setDefaultCACertificates(before);
    },
  };
}

/** An address of this machine that a container reaches too; a bridge's own is there only while it has containers. */
function ownAddress(): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const address = addresses?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    if (address !== undefined && !existsSync(`/sys/class/net/${name}/bridge`)) return address;
  }
  throw new Error('this machine has no address of its own');
}
