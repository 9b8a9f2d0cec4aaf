/**
 * Opens the bridge that the environment names: to the Go program that started
 * this process, or to a Go library in it. A program needs no other import to
 * run in both modes.
 */
export type { ProgramEnd } from '@agd-bridge/bridge-inproc';
export { openBridge, type OpenedBridge, type OpenOptions } from './open.js';
export { carrierOf, defaultVariables } from './carrier.js';
export type { Carrier, Environment, Variables } from './carrier.js';
