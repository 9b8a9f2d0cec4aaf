/** For make, which shows the line that this prints if it has no use for this version of Node.js. */
import { requireNode } from '../packages/agvm/bin/node-version.js';

requireNode('agd-bridge');
