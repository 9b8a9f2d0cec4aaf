// Programs that the process tests run as children: argv[2] names one.
import { exec } from '../src/index.js';

const programs: Record<string, () => unknown> = {
  exec() {
    exec(
      '/bin/sh',
      ['-c', 'echo $$ "$GREETING"; exec grep Sig /proc/self/status'],
      {
        GREETING: 'a  b',
        PATH: process.env['PATH'],
        UNSET: undefined,
      },
    );
  },

  'failed exec'() {
    try {
      exec('/no/such/program', [], {});
    } catch (error) {
      console.log((error as Error).message);
    }
    exec('/bin/sh', ['-c', 'a\0b'], {});
  },
};

await programs[process.argv[2] ?? '']?.();
