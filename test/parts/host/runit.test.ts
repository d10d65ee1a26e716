/** The runit supervisor on real processes. */

import { supervisorSuite } from './supervisor-suite.ts';

supervisorSuite('runit');
