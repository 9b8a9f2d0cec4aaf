#!/usr/bin/env node
/**
 * A VM without a kernel. With STOP_PARAMS it asks agd to stop, with these
 * params, as soon as possible. With LEAVE_WHEN it exits once that file exists.
 */
import { existsSync } from 'node:fs';

import { STOP_CHAIN } from '@agd-bridge/agvm';

import { serveVm } from '../support/vm.js';

const { AGVM_LIBAGD, STOP_PARAMS, LEAVE_WHEN } = process.env;

const bridge = await serveVm({});
if (STOP_PARAMS !== undefined) {
  bridge.notify(STOP_CHAIN, JSON.parse(STOP_PARAMS) as string[]);
}
if (LEAVE_WHEN !== undefined) {
  setInterval(() => {
    if (!existsSync(LEAVE_WHEN)) return;
    // In-process, agd runs in this process: a VM that cannot continue closes
    // the bridge.
    if (AGVM_LIBAGD === undefined) process.exit(70);
    bridge.close();
  }, 20);
}
