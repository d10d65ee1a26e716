/** Which program runs a step's script, with which arguments. Pure. */

export interface ShellPlan {
  /** Looked for in this order: the first that is there. */
  readonly programs: readonly string[];
  /** `{0}` is the script's file. */
  readonly args: readonly string[];
  /** Of the script's file. */
  readonly extension: string;
  readonly prepare: (script: string) => string;
}

const BUILT_IN: Readonly<Record<string, { readonly args: readonly string[]; readonly extension: string }>> = {
  bash: { args: ['--noprofile', '--norc', '-e', '-o', 'pipefail', '{0}'], extension: '.sh' },
  sh: { args: ['-e', '{0}'], extension: '.sh' },
  python: { args: ['{0}'], extension: '.py' },
  pwsh: { args: ['-command', ". '{0}'"], extension: '.ps1' },
  powershell: { args: ['-command', ". '{0}'"], extension: '.ps1' },
};

/** Undefined: nothing was asked for, bash where it is and else sh. Throws an Error in GitHub's words. */
export function planShell(shell: string | undefined): ShellPlan {
  const asked = shell?.trim() ?? '';
  if (asked === '') return { programs: ['bash', 'sh'], args: ['-e', '{0}'], extension: '.sh', prepare: asItIs };
  const [program = '', ...words] = splitWords(asked);
  const known = BUILT_IN[program.toLowerCase()];
  const args = words.length === 0 ? known?.args : words;
  if (args === undefined || !args.some((word) => word.includes('{0}'))) {
    throw new Error(
      "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a format string containing '{0}'",
    );
  }
  // Debian has no `python`; who asks for it means 3.
  const programs = program === 'python' ? ['python', 'python3'] : [program];
  return { programs, args, extension: known?.extension ?? '', prepare: /^(?:pwsh|powershell)$/i.test(program) ? forPowerShell : asItIs };
}

/** As the runner's process starter splits a command line: spaces, and double quotes that keep them. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:[^\s"]+|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return words.map((word) => word.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replaceAll(/\\(["\\])/g, '$1')));
}

function asItIs(script: string): string {
  return script;
}

function forPowerShell(script: string): string {
  return `$ErrorActionPreference = 'stop'\n${script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }`;
}
