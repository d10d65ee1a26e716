/** A small workflow for each key of GitHub's schema that a file can reach, and the test that proves what a key does when it runs. */

/** Around the snippets of one definition: `$` is where the snippet goes. */
interface Examples {
  readonly around: string;
  /** By key; `*` for keys of the author's choosing. */
  readonly keys: Readonly<Record<string, string>>;
}

const JOBS = 'jobs: { j: { runs-on: x, steps: [{ run: x }] } }';
const on = (event: string): string => `on: { ${event} }\n${JOBS}`;
const job = (keys: string): string => `on: push\njobs:\n  j: { runs-on: x, steps: [{ run: x }], ${keys} }\n  other: { runs-on: x, steps: [{ run: x }] }`;
const steps = (step: string): string => `on: push\njobs: { j: { runs-on: x, steps: [{ id: s, run: x }, ${step}] } }`;

const EVENTS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment fork gollum image_version',
    'issue_comment issues label merge_group milestone page_build project project_card project_column public pull_request pull_request_comment',
    'pull_request_review pull_request_review_comment pull_request_target push registry_package release repository_dispatch status watch',
    'workflow_call workflow_dispatch workflow_run',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, `${name}:`]),
);

const PERMISSIONS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'actions artifact-metadata attestations checks code-quality contents copilot-requests deployments discussions drives id-token issues models',
    'packages pages pull-requests repository-projects security-events statuses vulnerability-alerts',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, `${name}: none`]),
);

export const EXAMPLES: Readonly<Record<string, Examples>> = {
  'workflow-root-strict': {
    around: '$',
    keys: {
      on: `on: push\n${JOBS}`,
      name: `name: x\non: push\n${JOBS}`,
      description: `description: x\non: push\n${JOBS}`,
      'run-name': `run-name: x\non: push\n${JOBS}`,
      defaults: `defaults: { run: {} }\non: push\n${JOBS}`,
      env: `env: {}\non: push\n${JOBS}`,
      permissions: `permissions: read-all\non: push\n${JOBS}`,
      concurrency: `concurrency: x\non: push\n${JOBS}`,
      jobs: `on: push\n${JOBS}`,
    },
  },
  'on-mapping-strict': { around: on('$'), keys: { ...EVENTS, schedule: 'schedule: [{ cron: "0 0 * * *" }]' } },
  'push-mapping': {
    around: on('push: { $ }'),
    keys: {
      branches: 'branches: [main]',
      'branches-ignore': 'branches-ignore: [main]',
      tags: 'tags: v*',
      'tags-ignore': 'tags-ignore: v*',
      paths: 'paths: [src/**]',
      'paths-ignore': 'paths-ignore: ["**.md"]',
    },
  },
  'pull-request-mapping': {
    around: on('pull_request: { $ }'),
    keys: {
      types: 'types: [opened, synchronize, reopened, ready_for_review]',
      branches: 'branches: [main]',
      'branches-ignore': 'branches-ignore: [main]',
      paths: 'paths: [src/**]',
      'paths-ignore': 'paths-ignore: ["**.md"]',
    },
  },
  'workflow-dispatch-mapping': { around: on('workflow_dispatch: { $ }'), keys: { inputs: 'inputs: {}' } },
  'workflow-dispatch-inputs': { around: on('workflow_dispatch: { inputs: { $ } }'), keys: { '*': 'x: {}' } },
  'workflow-dispatch-input': {
    around: on('workflow_dispatch: { inputs: { x: { $ } } }'),
    keys: {
      description: 'description: x',
      type: 'type: boolean',
      required: 'required: true',
      default: 'default: x',
      options: 'type: choice, options: [a, b]',
    },
  },
  'workflow-defaults': { around: `defaults: { $ }\non: push\n${JOBS}`, keys: { run: 'run: {}' } },
  'workflow-defaults-run': {
    around: `defaults: { run: { $ } }\non: push\n${JOBS}`,
    keys: { shell: 'shell: bash', 'working-directory': 'working-directory: x' },
  },
  'workflow-env': { around: `env: { $ }\non: push\n${JOBS}`, keys: { '*': 'A: "${{ github.ref }}"' } },
  'permissions-mapping': { around: `permissions: { $ }\non: push\n${JOBS}`, keys: PERMISSIONS },
  'concurrency-mapping': {
    around: `concurrency: { $ }\non: push\n${JOBS}`,
    keys: { group: 'group: x', 'cancel-in-progress': 'group: x, cancel-in-progress: true', queue: 'group: x, queue: single' },
  },
  jobs: { around: 'on: push\njobs: { $ }', keys: { '*': 'j: { runs-on: x, steps: [{ run: x }] }' } },
  'job-factory': {
    around: job('$'),
    keys: {
      needs: 'needs: [other]',
      if: "if: github.ref == 'x'",
      strategy: 'strategy: {}',
      name: 'name: x',
      'runs-on': 'name: x',
      'timeout-minutes': 'timeout-minutes: 5',
      'cancel-timeout-minutes': 'cancel-timeout-minutes: 5',
      'continue-on-error': 'continue-on-error: true',
      container: 'container: x',
      services: 'services: { db: x }',
      env: 'env: {}',
      environment: 'environment: dev',
      permissions: 'permissions: read-all',
      concurrency: 'concurrency: x',
      outputs: 'outputs: {}',
      defaults: 'defaults: {}',
      steps: 'name: x',
      snapshot: 'snapshot: x',
    },
  },
  strategy: {
    around: job('strategy: { $ }'),
    keys: { 'fail-fast': 'fail-fast: false', 'max-parallel': 'max-parallel: 2', matrix: 'matrix: { a: [1] }' },
  },
  matrix: {
    around: job('strategy: { matrix: { $ } }'),
    keys: { include: 'include: [{ a: 1 }]', exclude: 'a: [1, 2], exclude: [{ a: 1 }]', '*': 'a: "${{ fromJSON(vars.A) }}", b: [{ c: { d: [1] } }]' },
  },
  'matrix-filter-item': { around: job('strategy: { matrix: { include: [{ $ }] } }'), keys: { '*': 'a: { b: 1 }' } },
  'runs-on-mapping': {
    around: 'on: push\njobs: { j: { runs-on: { $ }, steps: [{ run: x }] } }',
    keys: { labels: 'labels: [x]', group: 'group: x' },
  },
  'container-mapping': {
    around: job('container: { $ }'),
    keys: {
      image: 'image: x',
      options: 'image: x, options: --cpus 1',
      env: 'image: x, env: {}',
      ports: 'image: x, ports: ["80"]',
      volumes: 'image: x, volumes: ["/a:/b"]',
      credentials: 'image: x, credentials: {}',
    },
  },
  'container-env': { around: job('container: { image: x, env: { $ } }'), keys: { '*': 'A: b' } },
  'job-env': { around: job('env: { $ }'), keys: { '*': 'A: "${{ secrets.B }}"' } },
  'job-environment-mapping': {
    around: job('environment: { $ }'),
    keys: { name: 'name: dev', url: 'name: dev, url: "http://x"', deployment: 'name: dev, deployment: false' },
  },
  'job-outputs': { around: job('outputs: { $ }'), keys: { '*': 'o: "${{ steps.s.outputs.o }}"' } },
  'job-defaults': { around: job('defaults: { $ }'), keys: { run: 'run: {}' } },
  'job-defaults-run': {
    around: job('defaults: { run: { $ } }'),
    keys: { shell: 'shell: sh', 'working-directory': 'working-directory: x' },
  },
  'run-step': {
    around: steps('{ run: echo, $ }'),
    keys: {
      name: 'name: x',
      id: 'id: x',
      if: 'if: always()',
      'timeout-minutes': 'timeout-minutes: 1',
      run: 'name: x',
      'continue-on-error': 'continue-on-error: true',
      env: 'env: {}',
      'working-directory': 'working-directory: x',
      shell: 'shell: python',
      background: 'background: true',
    },
  },
  'step-env': { around: steps('{ run: x, env: { $ } }'), keys: { '*': 'A: "${{ steps.s.outputs.o }}"' } },
  'regular-step': {
    around: steps('{ uses: ./a, $ }'),
    keys: {
      name: 'name: x',
      id: 'id: x',
      if: 'if: failure()',
      'continue-on-error': 'continue-on-error: true',
      'timeout-minutes': 'timeout-minutes: 1',
      uses: 'name: x',
      with: 'with: {}',
      env: 'env: {}',
      background: 'background: true',
    },
  },
  'step-with': { around: steps('{ uses: ./a, with: { $ } }'), keys: { '*': 'a: "${{ github.ref }}"' } },
  'wait-step': { around: steps('{ wait: s, $ }'), keys: { name: 'name: x', id: 'id: x', 'continue-on-error': 'continue-on-error: true', wait: 'name: x' } },
  'wait-all-step': {
    around: steps('{ wait-all: true, $ }'),
    keys: { name: 'name: x', id: 'id: x', 'continue-on-error': 'continue-on-error: true', 'wait-all': 'name: x' },
  },
  'cancel-step': {
    around: steps('{ cancel: s, $ }'),
    keys: { name: 'name: x', id: 'id: x', 'continue-on-error': 'continue-on-error: true', cancel: 'name: x' },
  },
  'parallel-step': { around: steps('{ $ }'), keys: { parallel: 'parallel: [{ run: x }]' } },
  'workflow-job': {
    around: 'on: push\njobs:\n  other: { runs-on: x, steps: [{ run: x }] }\n  j: { uses: ./.github/workflows/x.yml, $ }',
    keys: {
      name: 'name: x',
      uses: 'name: x',
      with: 'with: {}',
      secrets: 'secrets: inherit',
      needs: 'needs: other',
      if: 'if: always()',
      permissions: 'permissions: read-all',
      concurrency: 'concurrency: x',
      strategy: 'strategy: {}',
    },
  },
};

/** What is refused of a key that runs: the workflow, and where it is refused. */
export const REFUSED_VALUES: readonly (readonly [what: string, text: string, at: string])[] = [
  ['`id-token: write` (an OIDC token)', `permissions: { id-token: write }\non: push\n${JOBS}`, '1:26'],
  ['`queue: max` of `concurrency`', `concurrency: { group: x, queue: max }\non: push\n${JOBS}`, '1:33'],
  ['`types` of `pull_request` but opened, synchronize, reopened, ready_for_review', on('pull_request: { types: [closed] }'), '1:31'],
  ['the shells `pwsh`, `powershell` and `cmd`', steps('{ run: x, shell: pwsh }'), '2:70'],
  ['`uses: docker://…`', steps('{ uses: docker://x }'), '2:61'],
  ['`uses:` of another repository’s action, but `actions/checkout` and `actions/setup-node`', steps('{ uses: actions/cache@v4 }'), '2:61'],
  [
    '`submodules`, `lfs`, `sparse-checkout` and `filter` of `actions/checkout`, and another `repository`',
    steps('{ uses: actions/checkout@v4, with: { fetch-depth: 0, lfs: false, submodules: true } }'),
    '2:118',
  ],
  ['`registry-url` of `actions/setup-node`', steps('{ uses: actions/setup-node@v4, with: { registry-url: "http://x" } }'), '2:92'],
  ['`uses: $/…`', steps('{ uses: $/a }'), '2:61'],
];

/** What is taken of an action's inputs without effect, with a warning: the workflow, and where. */
export const ACCEPTED_VALUES: readonly (readonly [text: string, at: string])[] = [
  [steps('{ uses: actions/setup-node@v4, with: { cache: npm } }'), '2:92'],
  [steps('{ uses: actions/setup-node@v4, with: { check-latest: true } }'), '2:92'],
  [steps('{ uses: actions/setup-node@v4, with: { architecture: arm64 } }'), '2:92'],
  [steps('{ uses: actions/setup-node@v4, with: { mirror: "http://x" } }'), '2:92'],
];

interface Proof {
  readonly file: string;
  readonly title: string;
}

const triggers = (title: string): Proof => ({ file: 'test/cases/actions/triggers.json', title });
const matrix = (title: string): Proof => ({ file: 'test/cases/actions/matrix.json', title });
const inputs: Proof = { file: 'src/actions/triggers/inputs.test.ts', title: 'checkInputs: gives typed values, defaults, and the type’s empty value' };
const allInputs: Proof = { file: 'src/actions/triggers/inputs.test.ts', title: 'checkInputs: tells every problem at once' };
const strategy: Proof = { file: 'src/actions/plan/matrix.test.ts', title: 'expandMatrix: fail-fast and max-parallel may be expressions, and null is as if absent' };

const reading = (title: string): Proof => ({ file: 'src/actions/workflow/read.test.ts', title });

/** By definition and key: the test that shows it at work. That each key is taken at all is shown by the examples above. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  'on-mapping-strict/push': triggers('a push to any branch'),
  'on-mapping-strict/pull_request': triggers('a pull request to a named base'),
  'on-mapping-strict/workflow_dispatch': triggers('[skip ci] does not stop workflow_dispatch'),
  'push-mapping/branches': triggers('a branch that is not named'),
  'push-mapping/branches-ignore': triggers('a branch that is ignored'),
  'push-mapping/tags': triggers('a branch where only tags are filtered'),
  'push-mapping/tags-ignore': triggers('a tag that is ignored'),
  'push-mapping/paths': triggers('no changed file among the paths'),
  'push-mapping/paths-ignore': triggers('every changed file ignored'),
  'pull-request-mapping/types': triggers('another activity of a pull request'),
  'pull-request-mapping/branches': triggers('a pull request to another base'),
  'pull-request-mapping/branches-ignore': triggers('a pull request to an ignored base'),
  'pull-request-mapping/paths': triggers('a pull request without a file among the paths'),
  'pull-request-mapping/paths-ignore': triggers('paths of a pull request'),
  'workflow-dispatch-mapping/inputs': inputs,
  'workflow-dispatch-inputs/*': inputs,
  'workflow-dispatch-input/type': inputs,
  'workflow-dispatch-input/default': inputs,
  'workflow-dispatch-input/required': allInputs,
  'workflow-dispatch-input/options': allInputs,
  'workflow-dispatch-input/description': allInputs,
  'job-factory/needs': { file: 'src/actions/plan/graph.test.ts', title: 'startOrder: each job comes after what it needs, else as in the file' },
  'job-factory/name': { file: 'src/actions/plan/matrix.test.ts', title: 'expandMatrix: a plain name gets the values, a name with an expression is what it says' },
  'strategy/fail-fast': strategy,
  'strategy/max-parallel': strategy,
  'strategy/matrix': matrix('the first key varies slowest'),
  'matrix/*': matrix('the first key varies slowest'),
  'matrix/include': matrix('GitHub\'s own example of include'),
  'matrix/exclude': matrix('exclude takes what agrees in all its keys, before include adds'),
  'matrix-filter-item/*': matrix('objects are excluded by a part of them, and named by their values'),
  'workflow-root-strict/name': reading('readWorkflow: keys that the official converter drops are there'),
  'runs-on-mapping/labels': reading('readWorkflow: keys that the official converter drops are there'),
};
