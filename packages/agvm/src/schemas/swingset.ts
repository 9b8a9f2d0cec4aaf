import Type from 'typebox';

import {
  any,
  block,
  coin,
  decimal,
  done,
  entry,
  exact,
  natural,
  nonEmptyText,
  nothing,
  open,
  text,
  textOrNull,
  tuple,
} from './parts.js';

/** The kernel's parameters, which the chain's governance sets (cosmic-swingset's src/params.js). */
const params = open({
  beans_per_unit: Type.Array(open({ beans: decimal, key: nonEmptyText })),
  bootstrap_vat_config: text,
  fee_unit_price: Type.Array(coin),
  power_flag_fees: Type.Array(
    open({ fee: Type.Array(coin), power_flag: nonEmptyText }),
  ),
  queue_max: Type.Array(open({ key: nonEmptyText, size: natural })),
  vat_cleanup_budget: Type.Array(open({ key: nonEmptyText, value: decimal })),
});

/** The node operator's options; the kernel refuses others (cosmic-swingset's src/chain-main.js). */
const resolvedConfig = exact({
  maxVatsOnline: Type.Optional(
    Type.Integer({ title: 'positive integer', minimum: 1 }),
  ),
  slogfile: Type.Optional(text),
  vatSnapshotArchiveDir: Type.Optional(text),
  vatSnapshotRetention: Type.Optional(Type.Enum(['debug', 'operational'])),
  vatTranscriptArchiveDir: Type.Optional(text),
  vatTranscriptRetention: Type.Optional(Type.Enum(['archival', 'operational'])),
});

/** The upgrade that the chain makes in this block. */
const upgradeDetails = open({
  coreProposals: Type.Optional(any),
  plan: open({ info: Type.Optional(text) }),
});

/**
 * The parts of the kernel's store to export (cosmic-swingset's
 * src/export-kernel-db.js).
 */
const exportOptions = exact({
  artifactMode: Type.Optional(
    Type.Enum(['archival', 'debug', 'none', 'operational', 'replay']),
  ),
  exportDataMode: Type.Optional(Type.Enum(['all', 'repair-metadata', 'skip'])),
  exportDir: Type.Optional(text),
});

/** The kernel's downcalls about its own state (go/x/swingset/keeper/downcalls.go). */
export const swingset = {
  'swingset.SwingStoreUpdateExportData': {
    params: Type.Array(entry),
    result: done,
  },
};

/**
 * agd's request to the kernel's store, which is not an action of the kernel
 * (store-state.ts).
 */
export const storeState = {
  'swingset.SwingStoreState': {
    params: tuple(open({ blockHeight: natural })),
    result: open({
      exists: Type.Boolean(),
      exportData: Type.Array(tuple(text, text)),
      height: natural,
      time: Type.Optional(natural),
    }),
  },
};

/**
 * The kernel's actions, without their type and ports: cosmic-swingset's
 * src/chain-main.js and src/launch-chain.js, `@agoric/internal`'s
 * src/chain-utils.js and src/action-types.js. agd may send more members than
 * they read.
 */
export const actions = {
  'swingset.Init': {
    params: tuple(
      open({
        ...block,
        chainID: text,
        isBootstrap: Type.Boolean(),
        params,
        resolvedConfig: Type.Optional(resolvedConfig),
        supplyCoins: Type.Array(coin),
        upgradeDetails: Type.Optional(upgradeDetails),
      }),
    ),
    result: done,
  },
  'swingset.BeginBlock': {
    params: tuple(open({ ...block, chainID: text, params })),
    result: nothing,
  },
  'swingset.EndBlock': { params: tuple(open(block)), result: nothing },
  'swingset.CommitBlock': { params: tuple(open(block)), result: nothing },
  'swingset.AfterCommitBlock': { params: tuple(open(block)), result: nothing },
  'swingset.SwingStoreExport': {
    params: tuple(
      open({
        args: Type.Optional(Type.Array(exportOptions)),
        blockHeight: Type.Optional(natural),
        request: Type.Enum(['discard', 'initiate', 'restore', 'retrieve']),
      }),
    ),
    /** The export's directory for `retrieve`, else null. */
    result: textOrNull,
  },
};
