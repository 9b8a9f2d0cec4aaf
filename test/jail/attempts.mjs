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
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

import { system } from './calls.mjs';

const given = new URL(import.meta.url).searchParams;
const home = given.get('home');
const other = given.get('other');
const port = Number(given.get('port'));
const agd = process.ppid;
const temp = os.tmpdir();
const keys = ['config/priv_validator_key.json', 'config/node_key.json'];

const read = (file) => () => fs.closeSync(fs.openSync(file, 'r'));
const executes =
  (file, ...args) =>
  () => {
    const { error, status } = childProcess.spawnSync(file, args);
    if (error) throw error;
    if (status !== 0) throw new Error(`status ${String(status)}`);
  };
/** Settles with an emitter's first event. */
const first = async (emitter, event) => {
  try {
    await once(emitter, event);
  } finally {
    (emitter.destroy ?? emitter.close).call(emitter);
  }
};
const text = (value) => Buffer.from(`${value}\0`);
const zeros = Buffer.alloc(128);

const key = path.join(home, keys[0]);
/** Does something with a descriptor of a new file of its own. */
const withOwn = (use, mode = 0o644) => {
  const file = path.join(temp, 'own-file');
  try {
    const fd = fs.openSync(file, 'w', mode);
    try {
      use(fd);
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    fs.rmSync(file, { force: true });
  }
};
/** A pair of sockets that sends to one which is not of the pair: there is none, as Linux then finds. */
const sendsByPair = (type) => () => {
  const pair = Buffer.alloc(8);
  system('socketpair', 1, type, 0, pair);
  try {
    const address = Buffer.from(`\x01\0${path.join(temp, 'none')}\0`);
    const fd = pair.readInt32LE(0);
    system('sendto', fd, zeros, 1, 0, address, address.length);
  } finally {
    fs.closeSync(pair.readInt32LE(0));
    fs.closeSync(pair.readInt32LE(4));
  }
};

/** Calls that reach Linux without a jail, which finds these arguments wrong. */
const wrong = {
  truncate: [-1, 0],
  mknodat: [-1, -1, 0, 0],
  flock: [-1, 0],
  statfs: [-1, -1],
  splice: [-1, 0, -1, 0, 1, 0],
  vmsplice: [-1, zeros, 1, 0],
  fanotify_init: [-1, 0],
  fanotify_mark: [-1, 0, 0, 0, 0],
  name_to_handle_at: [-1, -1, -1, -1, -1],
  fsetxattr: [-1, -1, -1, 1, 0],
  io_setup: [0, 0],
  shmget: [1, 0, 0],
  shmat: [-1, 0, 0],
  shmdt: [1],
  shmctl: [-1, 0, 0],
  semget: [1, -1, 0],
  semop: [-1, zeros, 1],
  semctl: [-1, 0, 0, 0],
  msgget: [0x7a9d0bad, 0],
  msgsnd: [-1, zeros, 1, 0],
  msgrcv: [-1, zeros, 1, 0, 0],
  msgctl: [-1, 0, 0],
  mq_open: [-1, 0, 0, 0],
  mq_unlink: [-1],
  mq_timedsend: [-1, zeros, 1, 0, 0],
  mq_getsetattr: [-1, 0, 0],
  setpgid: [-1, 0],
  statmount: [zeros, zeros, 0, -1],
};

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
  ...Object.fromEntries(
    [
      '/proc/net/unix',
      '/proc/self/net/tcp',
      '/proc/thread-self/net/tcp',
      `/proc/self/task/${String(process.pid)}/net/tcp`,
      '/proc/self/mountinfo',
      ...['/sys/fs/cgroup', '/sys/fs/cgroup/memory']
        .map((group) => path.join(group, 'cgroup.procs'))
        .filter((file) => fs.existsSync(file)),
    ].map((file) => [`read ${file}`, read(file)]),
  ),
  'change the mode of a key': () => {
    fs.chmodSync(key, 0o600);
  },
  'change the mode of a key by fchmodat': () => {
    system('fchmodat', -100, text(key), 0o600);
  },
  'change the mode of a key by fchmodat2': () => {
    system('fchmodat2', -100, text(key), 0o600, 0);
  },
  'change the owner of a key': () => {
    fs.chownSync(key, process.getuid(), process.getgid());
  },
  'change the times of a key': () => {
    const { atime, mtime } = fs.statSync(key);
    fs.utimesSync(key, atime, mtime);
  },
  'change the times of a key by utimensat': () => {
    // UTIME_OMIT, twice: nothing is changed.
    const omit = Buffer.alloc(32);
    omit.writeBigInt64LE(0x3ffffffen, 8);
    omit.writeBigInt64LE(0x3ffffffen, 24);
    system('utimensat', -100, text(key), omit, 0);
  },
  'give a key an attribute': () => {
    const named = [text(key), text('user.agd-jail-test')];
    system('setxattr', ...named, zeros, 1, 0);
    system('removexattr', ...named);
  },
  'read an attribute of a key': () => {
    try {
      system('getxattr', text(key), text('user.agd-jail-test'), zeros, 1);
    } catch (error) {
      if (error.code !== 'ENODATA') throw error;
    }
  },
  'remove an attribute of a key': () => {
    try {
      system('removexattr', text(key), text('user.agd-jail-test'));
    } catch (error) {
      if (error.code !== 'ENODATA') throw error;
    }
  },
  'make a file of its own set-user-ID': () => {
    withOwn((fd) => system('fchmod', fd, 0o4755));
  },
  'make a set-user-ID file': () => {
    withOwn(() => {}, 0o4755);
  },
  'change the owner of a file of its own': () => {
    withOwn((fd) => system('fchownat', fd, text(''), -1, -1, 0x1000));
  },
  'watch a key': () => {
    const fd = system('inotify_init1', 0);
    try {
      system('inotify_add_watch', fd, text(key), 0xfff);
    } finally {
      fs.closeSync(fd);
    }
  },
  'watch config': () => {
    fs.watch(path.join(home, 'config')).close();
  },
  'make a pair of datagram sockets': () => {
    const pair = Buffer.alloc(8);
    system('socketpair', 1, 2, 0, pair);
    fs.closeSync(pair.readInt32LE(0));
    fs.closeSync(pair.readInt32LE(4));
  },
  'send by a pair of datagram sockets': sendsByPair(2),
  'send by a pair of raw sockets': sendsByPair(3),
  'have Linux signal agd': () => {
    withOwn((fd) => system('fcntl', fd, 8, agd)); // F_SETOWN
  },
  'queue a signal for agd': () => {
    // si_code SI_QUEUE; signal 0 only checks.
    const info = Buffer.alloc(128);
    info.writeInt32LE(-1, 8);
    system('rt_sigqueueinfo', agd, 0, info);
  },
  'type on agd’s terminal': () => {
    try {
      system('ioctl', 1, 0x5412, text('x')); // TIOCSTI
    } catch (error) {
      if (error.code !== 'ENOTTY') throw error;
    }
  },
  'outlive agd': () => {
    system('prctl', 1, 0); // PR_SET_PDEATHSIG
    system('prctl', 1, 9);
  },
  ...Object.fromEntries(
    Object.entries(wrong).map(([name, args]) => [
      name,
      () => system(name, ...args),
    ]),
  ),
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
