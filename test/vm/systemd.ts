/** The systemd supervisor on a machine that has it: run there by `node --test test/vm/systemd.ts`. */

import { supervisorSuite } from '../parts/host/supervisor-suite.ts';

supervisorSuite('systemd');
