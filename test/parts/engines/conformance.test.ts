/** The engine suite on the real Podman. */

import { engineConformance } from '../../conformance/engine.ts';
import { openPodman } from './fixture.ts';

engineConformance('podman', openPodman);
