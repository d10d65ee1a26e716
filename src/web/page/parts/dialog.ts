/** Asks before something is done, says what came of it; the browser's own dialog keeps the focus. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { ApiError } from '../lib/api.ts';
import { html, type Child, type View } from '../lib/html.ts';
import { Failed } from './note.ts';

/** What was filled in under a name; empty where nothing was. */
export type Field = (name: string) => string;

export interface Question {
  readonly title: string;
  /** What is asked; reads its fields from the form when it is sent. */
  readonly body: Child;
  /** The word on the button that does it. */
  readonly does: string;
  readonly tone?: 'plain' | 'danger';
  /** Done with what was filled in; what it throws is shown, and the dialog stays. Without: the dialog only tells. */
  readonly act?: (field: Field) => Promise<void>;
}

const asked = signal<Question | undefined>(undefined);
const busy = signal(false);
const failed = signal<ApiError | undefined>(undefined);

export function ask(question: Question): void {
  failed.value = undefined;
  busy.value = false;
  asked.value = question;
}

export function isAsking(): boolean {
  return asked.value !== undefined;
}

export function Dialog(): View {
  const element = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (question !== undefined && element.current?.open === false) element.current.showModal();
  }, [question]);
  if (question === undefined) return null;
  const close = (): void => {
    element.current?.close(); // gives the focus back to what it came from
    asked.value = undefined;
  };
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (question.act === undefined) return close();
    busy.value = true;
    failed.value = undefined;
    try {
      const form = new FormData(event.target as HTMLFormElement);
      await question.act((name) => {
        const value = form.get(name);
        return typeof value === 'string' ? value : '';
      });
      close();
    } catch (error) {
      failed.value = error instanceof ApiError ? error : new ApiError({ message: String(error) });
    } finally {
      busy.value = false;
    }
  };
  return html`<dialog
    ref=${element}
    aria-labelledby="dialog-title"
    onCancel=${close}
    onClick=${(event: MouseEvent) => event.target === element.current && close()}
  >
    <form method="dialog" onSubmit=${send}>
      <h2 id="dialog-title">${question.title}</h2>
      <div class="dialog-body">${question.body}</div>
      <${Failed} error=${failed.value} />
      <div class="buttons">
        ${question.act === undefined ? null : html`<button type="button" onClick=${close}>Cancel</button>`}
        <button class=${question.tone === 'danger' ? 'primary danger' : 'primary'} disabled=${busy.value}>
          ${busy.value ? 'One moment…' : question.does}
        </button>
      </div>
    </form>
  </dialog>`;
}
