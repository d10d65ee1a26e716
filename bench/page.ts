/** `docs/benchmarks.md`, from results. Pure. */

import type { ActionsResults } from './actions.ts';
import type { PushResults } from './pushes.ts';
import type { Idle, Machine, Memory, Paint, Results } from './results.ts';
import { median } from './starts.ts';

const MB = 1024 * 1024;

export function pageOf(results: Results): string {
  const { machine, up, starts, actions, rollouts, loaded, pushes, idle, busiest, paint } = results;
  const again = median(up.againMs);
  const command = median(rollouts.map(({ commandMs }) => commandMs));
  const shifted = median(rollouts.map(({ lastOldAnswerMs }) => lastOldAnswerMs));
  const parts = (['startMs', 'checkMs', 'drainMs'] as const).map((part) => median(rollouts.map((timing) => timing.parts[part])));
  const physical = median(rollouts.map(({ parts }) => parts.startMs + parts.checkMs + parts.drainMs));
  const over = median(rollouts.map(({ commandMs, parts }) => commandMs - parts.startMs - parts.checkMs - parts.drainMs));
  const [startMs = 0, checkMs = 0, drainMs = 0] = parts;
  return `# Benchmarks

Measured with \`node bench/run.ts\`, through the public commands only, on the sample application. Absolute times are this machine's; ratios and differences say more.

${machineLines(machine, results.at)}

## \`antler up\`

| | time | goal |
| --- | --- | --- |
| cold: no instance, no base image, no release (packages are there) | ${seconds(up.coldMs)} | |
| warm: after \`antler down\` | ${seconds(up.warmMs)} | |
| again: nothing to do (median of ${up.againMs.length}) | ${seconds(again)} | ≤ 1.5 s ${mark(again <= 1500)} |

## Commands, against one bare start of Node

Pairs of \`node --eval 0\` and the command, one after the other; medians of ${starts[0]?.pairs ?? 0} pairs. \`NODE_EXTRA_CA_CERTS\` is unset: it alone doubles Node's start.

| command | time | Node | ratio | goal |
| --- | --- | --- | --- | --- |
${starts.map(({ command: name, ms, nodeMs, ratio, goal }) => `| \`antler ${name}\` | ${millis(ms)} | ${millis(nodeMs)} | ${ratio.toFixed(1)}x | ≤ ${goal}x ${mark(ratio <= goal)} |`).join('\n')}

${actionsSection(actions)}
## From a pushed image to all traffic on it

Both services of the sample, rolled out in \`dev\` (one step, no bake) ${rollouts.length} times; medians.

| | time |
| --- | --- |
| last answer of the old release, as a client saw it | ${millis(shifted)} |
| the whole command, the old containers drained and stopped | ${millis(command)} |
| its physical parts: containers started ${millis(startMs)}, first check passed ${millis(checkMs)}, drained and stopped ${millis(drainMs)} | ${millis(physical)} |
| above the physical parts | ${millis(over)} (goal ≤ 500 ms ${mark(over <= 500)}) |

## Load while both services are deployed three times

Kept connections, one POST in four, no request sent twice; all but the page itself pass front end, edge and back end.

| | |
| --- | --- |
| requests sent | ${count(loaded.load.sent)} in ${seconds(loaded.load.ms)} (goal ≥ 50,000 ${mark(loaded.load.sent >= 50_000)}) |
| lost, as the load counts | ${count(loaded.load.lost)} (goal 0 ${mark(loaded.load.lost === 0)}) |
| lost, as the receipts count | ${count(total(loaded.receipts.map(({ requests }) => requests.lost)))}; cut ${count(total(loaded.receipts.map(({ requests }) => requests.cut)))}, unseen ${count(total(loaded.receipts.map(({ requests }) => requests.unseen)))} |
| errors of the application | ${count(loaded.load.errors)} |
| latency p50, p95, p99, longest | ${[loaded.load.latencyMs.p50, loaded.load.latencyMs.p95, loaded.load.latencyMs.p99, loaded.load.latencyMs.max].map(millis).join(', ')} |
| answers by release | ${Object.entries(loaded.load.releases)
    .map(([release, { answers }]) => `${release} ${count(answers)}`)
    .join(', ')} |
| the three deployments took | ${loaded.commandMs.map(seconds).join(', ')} |

${pushesSection(pushes)}
## Memory

Sum of Pss of every process of the instance.

| part | idle | under load |
| --- | --- | --- |
${memoryRows(idle.memory, busiest.memory)}

${idleSection(idle, busiest.loopLagMs)}
${paintSection(paint)}`;
}

/** A core's hundredth is the goal of the daemon; the rest of Antler and the application are told beside it. */
export function idleSection({ minutes, cpu, written, rolledUp, loopLagMs, history }: Idle, loadedLagMs: number): string {
  const { containers = 0, ...platform } = cpu;
  const { daemon = 0 } = platform;
  const row = (name: string, share: number, goal = ''): string => `| ${name} | ${hundredths(share)}${goal} |`;
  const bytesPerHour = total(Object.values(written));
  const writers = Object.entries(written)
    .filter(([, bytes]) => bytes > 0)
    .map(([part, bytes]) => `${part} ${kilobytes(bytes)}`);
  return `## Idle

The sample in all its environments, ${history.targets} targets, nobody asks for anything; ${minutes} minutes, as the kernel counts them for every process of the instance and those that it waited for.

| | of one core |
| --- | --- |
${Object.entries(platform)
  .toSorted(([a], [b]) => a.localeCompare(b))
  .map(([part, share]) => row(part, share, part === 'daemon' ? ` (goal ≤ 1 % ${mark(daemon <= 0.01)})` : ''))
  .join('\n')}
${row('**all of Antler**', total(Object.values(platform)))}
${row('the application’s containers', containers)}

Longest stall of the daemon’s event loop in a minute, as its own beat of 250 ms tells: ${millis(loopLagMs)}; under the load above ${millis(loadedLagMs)}.

Written: ${kilobytes(bytesPerHour)} an hour (goal ≤ 5 MB ${mark(bytesPerHour <= 5 * MB)}) at the pace of these minutes, in which ${rolledUp ? 'an' : 'no'} hour’s roll-up lay: ${writers.join(', ') || 'none of them wrote'}.
The history on its own, for ${history.targets} targets and with its hours and its housekeeping, as it hands bytes to write(): ${kilobytes(history.bytesPerHour)} an hour (goal ≤ 5 MB ${mark(history.bytesPerHour <= 5 * MB)}).
`;
}

export function paintSection(paint: Paint | undefined): string {
  const title = '## The console';
  if (paint === undefined) return `${title}\n\nIts first paint was not measured: there is no Chromium here.\n`;
  const [ms, emptyMs] = [median(paint.ms), median(paint.emptyMs)];
  return `${title}

First paint of the board in a browser that has nothing of it yet, ${paint.browser} on loopback, signed in: ${millis(ms)} (goal ≤ 300 ms ${mark(ms <= 300)}), median of ${paint.ms.length}; a page of one word takes ${millis(emptyMs)} there.
`;
}

export function actionsSection({ pairs, workflows, firstStepMs }: ActionsResults): string {
  const rows = workflows.map(({ title, steps, antler, script }) => {
    const over = (antler.wallMs - script.wallMs - firstStepMs) / steps;
    return `| ${title} | ${millis(antler.wallMs)}, ${millis(antler.cpuMs)} | ${millis(script.wallMs)}, ${millis(script.cpuMs)} | ${millis(over)} | ≤ 6 ms ${mark(over <= 6)} |`;
  });
  return `## Workflows on the machine itself: \`antler run\`

Beside a plain \`bash -e\` script of the same commands, in pairs; medians of ${pairs}. A step is a shell of its own, as on GitHub. “Over the script” is what a step costs more, without the way to the first one.

| | \`antler run\`: wall, processor | script: wall, processor | over the script, a step | goal |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

From the command to the first step: ${millis(firstStepMs)} (goal ≤ 150 ms ${mark(firstStepMs <= 150)}).
`;
}

export function pushesSection({ pushMs, jobs, tenStepsMs }: PushResults): string {
  const ten = median(tenStepsMs);
  return `## \`git push\`, until dev serves it

Both services changed; tests with \`npm ci\`, then a build of both images, then \`dev\`. Each job is a container of its own.

| | time |
| --- | --- |
| \`git push\`, to the end of its run | ${seconds(pushMs)} |
${jobs.map(({ name, ms }) => `| ${name} | ${seconds(ms)} |`).join('\n')}

A job of ten steps in a container, from \`antler dispatch\` to its end: ${seconds(ten)} (goal ≤ 1.5 s ${mark(ten <= 1500)}), median of ${tenStepsMs.length}.
`;
}

export function machineLines(machine: Machine, at: string): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return `${at.slice(0, 10)} · ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / MB / 1024).toFixed(1)} GB · ${machine.system}, kernel ${machine.kernel}, ${machine.init} · ${versions}`;
}

function memoryRows(idle: Memory, loaded: Memory): string {
  const parts = [...new Set([...Object.keys(idle.platform), ...Object.keys(loaded.platform)])].toSorted();
  const rows = parts.map((part) => `| ${part} | ${megabytes(idle.platform[part] ?? 0)} | ${megabytes(loaded.platform[part] ?? 0)} |`);
  const [idleSum, loadedSum] = [idle, loaded].map(({ platform }) => total(Object.values(platform)));
  rows.push(
    `| **all of Antler** | **${megabytes(idleSum ?? 0)}** (goal ≤ 150 MB ${mark((idleSum ?? 0) <= 150 * MB)}) | **${megabytes(loadedSum ?? 0)}** |`,
  );
  rows.push(`| the application's containers | ${megabytes(idle.apps)} | ${megabytes(loaded.apps)} |`);
  return rows.join('\n');
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mark(met: boolean): string {
  return met ? '✓' : '✗';
}

function millis(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : String(Math.round(ms))} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}

function hundredths(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function kilobytes(bytes: number): string {
  return bytes >= MB ? megabytes(bytes) : `${Math.round(bytes / 1024)} kB`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
