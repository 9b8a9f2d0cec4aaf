import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { cp, open, rename, rm, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Size of a small disk in MiB: the kernel's store fits twice. */
const size = 64;

/** The reason why no file system can be mounted; undefined if one can. */
export const cannotMount: string | undefined = tryMount();

function mount(dir: string): void {
  const options = `size=${String(size)}m,mode=755`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], {
    stdio: 'pipe',
  });
}

function tryMount(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'agd-mount-'));
  try {
    mount(dir);
    execFileSync('umount', [dir]);
    return undefined;
  } catch (error) {
    return (error as Error).message.trim();
  } finally {
    rmdirSync(dir);
  }
}

/** A directory on its own disk, which can be filled. */
export class SmallDisk {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Moves a directory onto a small disk, in its place, except for the files
   * named in `leave`. The caller must call {@link remove}.
   */
  static async under(
    dir: string,
    leave: readonly string[] = [],
  ): Promise<SmallDisk> {
    const before = `${dir}.before`;
    await rename(dir, before);
    await mkdir(dir);
    mount(dir);
    const disk = new SmallDisk(dir);
    try {
      await cp(before, dir, {
        recursive: true,
        filter: (source) => !leave.some((name) => source.endsWith(name)),
      });
    } catch (error) {
      disk.remove();
      throw error;
    }
    await rm(before, { recursive: true });
    return disk;
  }

  /** Fills the free space of the disk completely. */
  async fill(): Promise<void> {
    const file = await open(join(this.#dir, 'ballast'), 'w');
    try {
      for (let bytes = 1024 * 1024; bytes > 0;) {
        try {
          await file.write(Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          bytes = Math.floor(bytes / 2);
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Removes what {@link fill} wrote. */
  async relieve(): Promise<void> {
    await rm(join(this.#dir, 'ballast'));
  }

  /** Unmounts the disk at once, even while files are open. */
  remove(): void {
    execFileSync('umount', ['--lazy', this.#dir]);
  }
}
