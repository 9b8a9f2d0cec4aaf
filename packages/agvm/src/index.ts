export {
  makeAdapter,
  withoutStack,
  type Adapter,
  type AdapterOptions,
  type Agcc,
  type FromGo,
  type Replier,
} from './agcc.js';
export { STOP_CHAIN, STOP_VM } from './contract.js';
export { exitCodes } from './exit-codes.js';
export {
  actionOf,
  downcalls,
  ports,
  toBridge,
  toKernel,
  upcalls,
  type DowncallRow,
  type UpcallRow,
} from './messages.js';
export {
  downcallSchemas,
  upcallSchemas,
  type DowncallMethod,
  type Downcalls,
  type MethodSchema,
  type UpcallMethod,
  type Upcalls,
} from './schemas.js';
