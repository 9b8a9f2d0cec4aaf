/**
 * What a VM must not do. A test preloads this into a real VM
 * (`--vm-node-args=--import`), in the jail and without one; each attempt prints
 * a line, `attempt {"name":…,"code":…}`: the error's code, or null if it
 * worked. Plain JavaScript: a compiler's helpers would not run in the jail.
 *
 * The query of the URL: `home`, the node's; `other`, another home; `port`,
 * where agd listens; `passed`, a descriptor that agd was started with.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const given = new URL(import.meta.url).searchParams;
const home = given.get('home');
const other = given.get('other');
const port = Number(given.get('port'));
const agd = process.ppid;
const temp = os.tmpdir();
const keys = ['config/priv_validator_key.json', 'config/node_key.json'];

const { call } = createRequire(import.meta.url)(
  './native/build/Release/calls.node',
);
const errnos = Object.fromEntries(
  Object.entries(os.constants.errno).map(([name, number]) => [-number, name]),
);
/** Of Linux on the processors that agd runs on: x64, arm64. */
const numbers = {
  x64: {
    ptrace: 101,
    process_vm_readv: 310,
    memfd_create: 319,
    mount: 165,
    unshare: 272,
    setns: 308,
    bpf: 321,
    perf_event_open: 298,
    userfaultfd: 323,
    io_uring_setup: 425,
    keyctl: 250,
    kexec_load: 246,
    init_module: 175,
    setrlimit: 160,
    prlimit64: 302,
    pidfd_open: 434,
    socket: 41,
    sched_setaffinity: 203,
    chroot: 161,
  },
  arm64: {
    ptrace: 117,
    process_vm_readv: 270,
    memfd_create: 279,
    mount: 40,
    unshare: 97,
    setns: 268,
    bpf: 280,
    perf_event_open: 241,
    userfaultfd: 282,
    io_uring_setup: 425,
    keyctl: 219,
    kexec_load: 104,
    init_module: 105,
    setrlimit: 164,
    prlimit64: 261,
    pidfd_open: 434,
    socket: 198,
    sched_setaffinity: 122,
    chroot: 51,
  },
}[process.arch];

function system(name, ...args) {
  const result = call(numbers[name], ...args);
  if (result < 0) {
    throw Object.assign(new Error(name), {
      code: errnos[result] ?? String(result),
    });
  }
  return result;
}

const read = (file) => () => fs.closeSync(fs.openSync(file, 'r'));
const executes =
  (file, ...args) =>
  () => {
    const { error, status } = childProcess.spawnSync(file, args);
    if (error) throw error;
    if (status !== 0) throw new Error(`status ${String(status)}`);
  };
/** Settles with what an emitter says first. */
const first = async (emitter, event) => {
  try {
    await once(emitter, event);
  } finally {
    (emitter.destroy ?? emitter.close).call(emitter);
  }
};
const text = (value) => Buffer.from(`${value}\0`);
const zeros = Buffer.alloc(128);

/** Without a jail each works, or reaches the kernel, which finds its arguments wrong; it changes nothing that lasts. */
const attempts = {
  ...Object.fromEntries(
    keys.map((key) => [`read ${key}`, read(path.join(home, key))]),
  ),
  'read a key by ..': read(`${home}/data/agoric/../../${keys[0]}`),
  'read a key by /proc/self/root': read(`/proc/self/root${home}/${keys[0]}`),
  'read a key by a symbolic link': () => {
    const link = path.join(temp, 'link');
    fs.symlinkSync(path.join(home, keys[0]), link);
    try {
      read(link)();
    } finally {
      fs.unlinkSync(link);
    }
  },
  'read a key by a hard link': () => {
    const link = path.join(temp, 'hard');
    fs.linkSync(path.join(home, keys[0]), link);
    fs.unlinkSync(link);
  },
  'read a key by a descriptor that was passed in': () => {
    fs.readSync(Number(given.get('passed')), Buffer.alloc(16), 0, 16, 0);
  },
  'read a key in a second node': executes(
    process.execPath,
    '-e',
    `require("fs").readFileSync(${JSON.stringify(path.join(home, keys[0]))})`,
  ),
  'list the home': () => fs.readdirSync(home),
  'list config': () => fs.readdirSync(path.join(home, 'config')),
  'read the chain’s store': () => {
    fs.readdirSync(path.join(home, 'data/application.db'));
  },
  'read the state of the validator': read(
    path.join(home, 'data/priv_validator_state.json'),
  ),
  'read another home': read(path.join(other, keys[0])),
  'write into the home': () => {
    const file = path.join(home, 'config', 'left.toml');
    fs.writeFileSync(file, '');
    fs.unlinkSync(file);
  },
  'read /proc of agd: environ': read(`/proc/${String(agd)}/environ`),
  'read /proc of agd: mem': read(`/proc/${String(agd)}/mem`),
  'read /proc of agd: fd': () => fs.readdirSync(`/proc/${String(agd)}/fd`),
  'read /etc/shadow': read('/etc/shadow'),
  'connect by TCP': async () =>
    first(net.connect(port, '127.0.0.1'), 'connect'),
  'listen by TCP': async () =>
    first(net.createServer().listen(0, '127.0.0.1'), 'listening'),
  'send by UDP': async () => {
    const socket = dgram.createSocket('udp4');
    const failed = once(socket, 'error').then(([error]) => {
      throw error;
    });
    const sent = new Promise((resolve, reject) => {
      socket.send('x', port, '127.0.0.1', (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    try {
      await Promise.race([failed, sent]);
    } finally {
      socket.close();
    }
  },
  'listen on a Unix socket': async () =>
    first(net.createServer().listen(path.join(temp, 'socket')), 'listening'),
  'listen on an abstract socket': async () =>
    first(net.createServer().listen('\0agd-jail-test'), 'listening'),
  'execute a shell': executes('/bin/sh', '-c', 'true'),
  'execute another program': executes('/usr/bin/env', 'true'),
  'execute a file of its own': () => {
    const file = path.join(temp, 'own');
    try {
      fs.copyFileSync(process.execPath, file);
      fs.chmodSync(file, 0o755);
      executes(file, '--version')();
    } finally {
      fs.rmSync(file, { force: true });
    }
  },
  'execute a memfd': () => {
    const fd = system('memfd_create', text('own'), 0);
    try {
      fs.writeSync(fd, '#!/bin/true\n');
      executes(`/proc/self/fd/${String(fd)}`)();
    } finally {
      fs.closeSync(fd);
    }
  },
  'signal agd': () => process.kill(agd, 0),
  'slow agd down': () => {
    os.setPriority(agd, os.getPriority(agd));
  },
  'pin agd to a processor': () => {
    const all = Buffer.alloc(128, 0xff);
    system('sched_setaffinity', agd, all.length, all);
  },
  'trace agd': () => {
    // PTRACE_SEIZE with options that do not exist: looked at, and not done.
    system('ptrace', 0x4206, agd, 0, -1);
  },
  'read the memory of agd': () => {
    const fault = system('process_vm_readv', agd, zeros, 0, zeros, 0, 0);
    if (fault !== 0) throw new Error(String(fault));
  },
  'hold agd by a pidfd': () => fs.closeSync(system('pidfd_open', agd, 0)),
  'set the limits of agd': () => {
    const limits = Buffer.alloc(16);
    system('prlimit64', agd, 7, 0, limits);
    system('prlimit64', agd, 7, limits, 0);
  },
  'open a netlink socket': () => fs.closeSync(system('socket', 16, 3, 0)),
  'unshare the namespace of users': () => {
    system('unshare', 0x04000000);
  },
  mount: () => {
    system('mount', text('none'), 0, text('tmpfs'), 0, 0);
  },
  setns: () => system('setns', 0, 0),
  chroot: () => system('chroot', text('/')),
  bpf: () => system('bpf', 0, zeros, 0),
  perf_event_open: () => system('perf_event_open', zeros, 0, -1, -1, 0),
  userfaultfd: () => fs.closeSync(system('userfaultfd', 0)),
  io_uring_setup: () => fs.closeSync(system('io_uring_setup', 1, zeros)),
  keyctl: () => system('keyctl', 0, -3, 0),
  kexec_load: () => system('kexec_load', 0, 0, 0, 0),
  init_module: () => system('init_module', zeros, 0, text('')),
  setrlimit: () => {
    const limits = Buffer.alloc(16);
    system('prlimit64', 0, 7, 0, limits);
    system('setrlimit', 7, limits);
  },
};

if (isMainThread && process.env['AGVM_JAIL_ATTEMPTED'] === undefined) {
  process.env['AGVM_JAIL_ATTEMPTED'] = 'yes';
  for (const [name, attempt] of Object.entries(attempts)) {
    let code = null;
    try {
      await attempt();
    } catch (error) {
      code = error.info?.code ?? error.code ?? error.message;
    }
    console.error(`attempt ${JSON.stringify({ name, code })}`);
  }
}
