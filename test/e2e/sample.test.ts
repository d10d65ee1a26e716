/**
 * End to end, real parts only, on one instance of the sample: from a bare home to nothing left. An instance costs minutes, so everything shares
 * it, and the order of these imports is the order in which the tests run.
 */

import './bare.ts';
import './page.ts';
import './push.ts';
import './strangers.ts';
import './delivery.ts';
import './moves.ts';
import './console.ts';
import './kills.ts';
import './outage.ts';
import './edge.ts';
import './bad-release.ts';
import './failures.ts';
import './foreign.ts';
import './end.ts';
