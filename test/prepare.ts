/** Installs the Debian packages that the tests with real parts need, with the same code that `antler up` uses. */

import process from 'node:process';

// Filled by the host room: see src/host.
process.exitCode = 0;
