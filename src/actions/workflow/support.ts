/** What becomes of each key of GitHub's schema here: the table behind "not supported yet" and behind docs/reference/workflow-compatibility.md. */

export type Support =
  | { readonly kind: 'run' }
  /** Taken, without effect: nothing that a user relies on is missing. */
  | { readonly kind: 'accepted'; readonly why: string }
  /** A problem with line and column; keys below are not looked at. */
  | { readonly kind: 'refused'; readonly why?: string }
  /** Refused together with a key beside it, which is the one that is told. */
  | { readonly kind: 'part'; readonly of: string };

const run: Support = { kind: 'run' };
const refused: Support = { kind: 'refused' };
const accepted = (why: string): Support => ({ kind: 'accepted', why });
const because = (why: string): Support => ({ kind: 'refused', why });
/** `keys` with a space between. */
const all = (support: Support, keys: string): Readonly<Record<string, Support>> =>
  Object.fromEntries(keys.split(/\s+/).map((key) => [key, support]));

const NO_TOKEN = 'no job gets a token for GitHub’s API, so there is nothing to limit';
const NO_EVENT = 'the event does not come up here';

/** Definition of the schema → key → what becomes of it; `*` for keys of the author’s choosing. What stands nowhere is refused. */
export const SUPPORT: Readonly<Record<string, Readonly<Record<string, Support>>>> = {
  'workflow-root-strict': {
    ...all(run, 'on name run-name defaults env concurrency jobs'),
    description: accepted('a text for people'),
    permissions: accepted(NO_TOKEN),
  },
  'on-mapping-strict': {
    ...all(run, 'push pull_request workflow_dispatch'),
    ...all(because(NO_EVENT), 'branch_protection_rule check_run check_suite create delete deployment deployment_status'),
    ...all(because(NO_EVENT), 'discussion discussion_comment fork gollum image_version issue_comment issues label'),
    ...all(because(NO_EVENT), 'merge_group milestone page_build project project_card project_column public'),
    ...all(because(NO_EVENT), 'pull_request_comment pull_request_review pull_request_review_comment pull_request_target'),
    ...all(because(NO_EVENT), 'registry_package release repository_dispatch status watch workflow_run'),
    schedule: refused,
    workflow_call: refused,
  },
  'push-mapping': all(run, 'branches branches-ignore tags tags-ignore paths paths-ignore'),
  'pull-request-mapping': all(run, 'types branches branches-ignore paths paths-ignore'),
  'workflow-dispatch-mapping': all(run, 'inputs'),
  'workflow-dispatch-inputs': all(run, '*'),
  'workflow-dispatch-input': all(run, 'description type required default options'),
  'workflow-defaults': all(run, 'run'),
  'workflow-defaults-run': all(run, 'shell working-directory'),
  'workflow-env': all(run, '*'),
  'permissions-mapping': {
    ...all(accepted(NO_TOKEN), 'actions artifact-metadata attestations checks code-quality contents copilot-requests deployments'),
    ...all(accepted(NO_TOKEN), 'discussions drives id-token issues models packages pages pull-requests repository-projects'),
    ...all(accepted(NO_TOKEN), 'security-events statuses vulnerability-alerts'),
  },
  'concurrency-mapping': all(run, 'group cancel-in-progress queue'),
  jobs: all(run, '*'),
  'job-factory': {
    ...all(run, 'needs if strategy name runs-on timeout-minutes continue-on-error container env environment'),
    ...all(run, 'concurrency outputs defaults steps'),
    permissions: accepted(NO_TOKEN),
    'cancel-timeout-minutes': refused,
    services: refused,
    snapshot: refused,
  },
  strategy: all(run, 'fail-fast max-parallel matrix'),
  matrix: all(run, 'include exclude *'),
  'matrix-filter-item': all(run, '*'),
  'runs-on-mapping': { labels: run, group: refused },
  'container-mapping': { ...all(run, 'image env'), ...all(refused, 'options ports volumes credentials') },
  'container-env': all(run, '*'),
  'job-env': all(run, '*'),
  'job-environment-mapping': {
    name: run,
    url: accepted('the environment’s own address is shown'),
    deployment: accepted('a job as such records no deployment: `antler deploy` does'),
  },
  'job-outputs': all(run, '*'),
  'job-defaults': all(run, 'run'),
  'job-defaults-run': all(run, 'shell working-directory'),
  'run-step': {
    ...all(run, 'name id if timeout-minutes run continue-on-error env working-directory shell'),
    background: refused,
  },
  'step-env': all(run, '*'),
  'regular-step': {
    ...all(run, 'name id if continue-on-error timeout-minutes uses with env'),
    background: refused,
  },
  'step-with': all(run, '*'),
  'wait-step': { wait: refused, ...all({ kind: 'part', of: 'wait' }, 'name id continue-on-error') },
  'wait-all-step': { 'wait-all': refused, ...all({ kind: 'part', of: 'wait-all' }, 'name id continue-on-error') },
  'cancel-step': { cancel: refused, ...all({ kind: 'part', of: 'cancel' }, 'name id continue-on-error') },
  'parallel-step': { parallel: refused },
  'workflow-job': {
    uses: because('a job that calls another workflow'),
    ...all({ kind: 'part', of: 'uses' }, 'name with secrets needs if permissions concurrency strategy'),
  },
};

/** The schema's words for anything (cells of a matrix may be objects), and for what lacks the key that would tell it apart: that was complained about. */
const ANYTHING = ['any', 'mapping', 'steps-item', 'job'];

export function supportOf(definition: string, key: string): Support {
  if (ANYTHING.includes(definition)) return run;
  const keys = SUPPORT[definition] ?? {};
  return (Object.hasOwn(keys, key) ? keys[key] : keys['*']) ?? refused;
}
