/** `antler workflow check` and `explain` as processes, in a repository of their own. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');
const NAMED = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
};
const GOOD = 'name: Good\non: { push: { branches: [main], paths: [src/**] } }\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }\n';
const BAD = 'on: push\njobs:\n  a:\n    runs-on: x\n    services: { db: postgres }\n    stepz: []\n    steps: [{ run: x }]\n';

interface Tree {
  readonly folder: string;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly commit: (message: string) => Promise<void>;
  readonly antler: (...words: readonly string[]) => ReturnType<typeof exec>;
}

async function treeFor(t: TestContext): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-workflow-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  const { signal } = t;
  const git = async (...words: readonly string[]): Promise<void> =>
    void (await exec(['git', '-C', folder, ...words], { signal, env: NAMED }));
  await git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    write: async (path, text) => {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    commit: async (message) => {
      await git('add', '--all');
      await git('commit', '--quiet', '--message', message);
    },
    antler: async (...words) =>
      exec([process.execPath, MAIN, 'workflow', ...words], { signal, cwd: join(folder, 'src'), accept: [1, 64, 78] }),
  };
}

test('antler workflow check: every problem of every file, with line, column, the line itself and a mark', async (t) => {
  const tree = await treeFor(t);
  await tree.write('src/a', '');
  await tree.write('.github/workflows/good.yml', GOOD);
  const fine = await tree.antler('check');
  assert.deepEqual([fine.exitCode, fine.stdout], [0, '.github/workflows/good.yml is fine: 1 job\n']);
  await tree.write('.github/workflows/bad.yaml', BAD);
  const { exitCode, stderr } = await tree.antler('check');
  assert.equal(exitCode, 78);
  assert.ok(
    stderr.includes('.github/workflows/bad.yaml:5:5: `services` is not supported yet\n      │ services: { db: postgres }\n      │ ^\n'),
    stderr,
  );
  assert.ok(stderr.includes('.github/workflows/bad.yaml:6:5: The key `stepz` is not known here'), stderr);
  const one = await tree.antler('check', '../.github/workflows/good.yml', '--json');
  assert.deepEqual(JSON.parse(one.stdout), { files: [{ path: '.github/workflows/good.yml', name: 'Good', jobs: ['a'], warnings: [] }] });
  const json = await tree.antler('check', '--json');
  const { error } = JSON.parse(json.stderr) as { error: { code: string; problems: readonly { at: string; source: string }[] } };
  assert.deepEqual([json.stdout, error.code, error.problems[1]?.source], ['', 'actions/invalid', '    stepz: []']);
});

test('antler workflow check NAME: a file by its name from any folder; a wrong one is told with the nearest', async (t) => {
  const tree = await treeFor(t);
  await tree.write('src/good/a', 'a folder of that name is none');
  await tree.write('.github/workflows/good.yml', GOOD);
  for (const name of ['good', 'good.yml', '../.github/workflows/good.yml']) {
    assert.match((await tree.antler('check', name)).stdout, /^\.github\/workflows\/good\.yml is fine: 1 job\n/, name);
  }
  const { exitCode, stderr } = await tree.antler('check', 'goood.yml');
  assert.equal(exitCode, 78);
  assert.match(stderr, /Did you mean good\.yml\?/);
});

test('antler workflow check: says where there is no workflow', async (t) => {
  const tree = await treeFor(t);
  await tree.write('src/a', '');
  const { exitCode, stderr } = await tree.antler('check');
  assert.equal(exitCode, 78);
  assert.match(stderr, /Cannot find a workflow as there is no file in .*\.github\/workflows/);
});

test('antler workflow explain: the truth comes from git', async (t) => {
  const tree = await treeFor(t);
  await tree.write('src/a', '1');
  await tree.write('.github/workflows/good.yml', GOOD);
  await tree.commit('first');
  assert.match((await tree.antler('explain')).stdout, /Good \(.*good\.yml\) runs\n {2}a runs\n/); // nothing to compare with
  await tree.write('docs/$(id) "x"\n', 'x');
  await tree.commit('docs');
  assert.match((await tree.antler('explain')).stdout, /does not run: no changed file \(docs\/.* is among its paths: src\/\*\*/s);
  await tree.write('src/a', '2');
  await tree.commit('change [skip ci]');
  assert.match((await tree.antler('explain')).stdout, /does not run: the head commit's message says \[skip ci\]/);
  const other = await tree.antler('explain', '--ref', 'dev', '--json');
  const { event, workflows } = JSON.parse(other.stdout) as { event: { ref: string; changed: string[] }; workflows: { reason: string }[] };
  assert.deepEqual([event.ref, event.changed], ['refs/heads/dev', ['src/a']]);
  assert.equal(workflows[0]?.reason, 'the branch dev is not among its branches: main');
  assert.equal((await tree.antler('explain', '--event', 'schedule')).exitCode, 64);
});
