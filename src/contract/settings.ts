/** Secrets and variables that workflow jobs read. A secret's value goes in and never comes out. */

import { z } from 'zod';

import { time } from './releases.ts';

export const settingParams = z.object({ name: z.string().describe('Letters, digits and `_`; kept in capitals') });
export const settingPlace = z.object({
  environment: z.string().optional().describe('Of this environment only; of the whole repository by default'),
});
export const settingBody = settingPlace.extend({ value: z.string().describe('Text, 48 KiB at most') });

export const setting = z.object({
  name: z.string(),
  environment: z.string().nullable().describe('Null: of the whole repository'),
  updatedAt: time,
  actor: z.string().describe('Who set it'),
});
export type Setting = z.infer<typeof setting>;

export const variable = setting.extend({ value: z.string() });
export type Variable = z.infer<typeof variable>;
