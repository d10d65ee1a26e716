/** Debian's Prometheus with its blackbox_exporter, watching the same targets as often. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exec } from '../../src/kit/exec.ts';
import { poll } from '../../src/kit/wait.ts';
import { start, workOf, type Work } from './proc.ts';

const PROMETHEUS = '/usr/bin/prometheus';
const EXPORTER = '/usr/bin/prometheus-blackbox-exporter';

export interface Pair extends AsyncDisposable {
  readonly work: () => Work;
  readonly version: string;
}

export interface PairOptions {
  readonly folder: string;
  readonly urls: readonly string[];
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Undefined where it is not installed. */
export async function startPair({ folder, urls, port, signal }: PairOptions): Promise<Pair | undefined> {
  if (!existsSync(PROMETHEUS) || !existsSync(EXPORTER)) return undefined;
  const exporterPort = port + 1;
  await writeFile(join(folder, 'blackbox.yml'), 'modules:\n  http:\n    prober: http\n    timeout: 5s\n');
  await writeFile(join(folder, 'targets.json'), JSON.stringify([{ targets: urls }]));
  await writeFile(
    join(folder, 'prometheus.yml'),
    `global:
  scrape_interval: 20s
  scrape_timeout: 5s
scrape_configs:
  - job_name: http
    metrics_path: /probe
    params: { module: [http] }
    file_sd_configs: [{ files: ['${join(folder, 'targets.json')}'] }]
    relabel_configs:
      - { source_labels: [__address__], target_label: __param_target }
      - { source_labels: [__param_target], target_label: instance }
      - { target_label: __address__, replacement: '127.0.0.1:${exporterPort}' }
`,
  );
  await using opened = new AsyncDisposableStack();
  const exporter = opened.use(
    start([
      EXPORTER,
      `--config.file=${join(folder, 'blackbox.yml')}`,
      `--web.listen-address=127.0.0.1:${exporterPort}`,
      '--log.level=error',
    ]),
  );
  const prometheus = opened.use(
    start([
      PROMETHEUS,
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ]),
  );
  await poll(async () => ((await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined))?.ok === true ? true : undefined), {
    signal,
    timeoutMs: 60_000,
    what: 'Prometheus',
  });
  const { stdout, stderr } = await exec([PROMETHEUS, '--version'], { signal });
  const kept = opened.move();
  return {
    version: /version (\S+)/.exec(stdout + stderr)?.[1] ?? 'unknown',
    work() {
      const [a, b] = [workOf(prometheus.pid), workOf(exporter.pid)];
      return {
        cpuSeconds: a.cpuSeconds + b.cpuSeconds,
        writtenBytes: a.writtenBytes + b.writtenBytes,
        pssBytes: a.pssBytes + b.pssBytes,
      };
    },
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  };
}
