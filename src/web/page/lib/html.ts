/** Markup in JavaScript, without a compiler. What is put into it is always text. */

import '@preact/signals'; // components follow the signals that they read
import htm from 'htm';
import { h, type ComponentChildren, type VNode } from 'preact';

export type Child = ComponentChildren;
export type View = VNode | null;

type Markup = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Its types are those of its CommonJS form. */
export const html = (htm as unknown as { bind(element: typeof h): Markup }).bind(h);
