/**
 * Preloaded into Node.js (--require): the kernel's exporter says its process
 * id once it has written two artifacts, and stops there, as SIGSTOP would.
 */
const fs = require('node:fs/promises');

if (process.argv[1]?.endsWith('export-kernel-db.js')) {
  const { writeFile } = fs;
  let written = 0;
  fs.writeFile = async (...args) => {
    await writeFile(...args);
    written += 1;
    if (written === 2) {
      process.stderr.write(`exporter held: ${process.pid}\n`);
      process.kill(process.pid, 'SIGSTOP');
    }
  };
}
