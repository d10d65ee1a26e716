/** The form of a commit's subject. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { subjectProblem } from './commits/subject.ts';

for (const [subject, problem] of [
  ['edge: drain before stop', undefined],
  ['cli: HAProxy is named in full', undefined],
  ['kit: feed lines on', undefined],
  ['drain before stop', /form/],
  ['edge:drain', /form/],
  ['feat(edge): drain', /form/],
  ['egde: drain', /no room/],
  ['edge: added a drain', /added/],
  ['edge: adding a drain', /adding/],
  ['edge: Drain before stop', /capital/],
  ['edge: drain before stop.', /period/],
  [`edge: ${'x'.repeat(100)}`, /letters/],
] as const) {
  test(`subjectProblem: ${subject.slice(0, 40)}`, () => {
    const found = subjectProblem(subject, ['edge', 'cli', 'kit']);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });
}
