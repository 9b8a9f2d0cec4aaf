import { join } from 'node:path';

import {
  debianArch,
  emptyDirectory,
  environment,
  epoch,
  output,
  run,
  tarball,
  version,
  work,
} from './context.js';

/** The Debian release of the image. */
const SUITE = 'trixie';

/** Documentation that only people at a terminal read; licences stay. */
const EXCLUDED = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/locale/*',
];

/**
 * Makes the container image, an OCI archive: Debian's essential packages, the
 * Debian package and what it depends on. It needs root, mmdebstrap and buildah;
 * no daemon and no registry.
 *
 * @param deb the Debian package
 * @returns the archive's file
 */
export function makeImage(deb: string): string {
  const rootfs = join(emptyDirectory('image'), 'rootfs.tar');
  run(
    'mmdebstrap',
    [
      ...['--quiet', '--variant=apt'],
      ...EXCLUDED.map((path) => `--dpkgopt=path-exclude=${path}`),
      '--dpkgopt=path-include=/usr/share/doc/*/copyright',
      ...[
        `upload ${deb} /tmp/agd-bridge.deb`,
        'chroot "$1" apt-get install --quiet --quiet --yes --no-install-recommends /tmp/agd-bridge.deb ca-certificates',
        'rm "$1/tmp/agd-bridge.deb"',
      ].map((hook) => `--customize-hook=${hook}`),
      SUITE,
      rootfs,
    ],
    { env: environment },
  );
  const buildah = (...args: readonly string[]): string =>
    run('buildah', [...storage, ...args], { env: environment });
  const container = buildah('from', 'scratch').trim();
  const layout = join(emptyDirectory('layout'), 'image');
  try {
    buildah('add', '--quiet', container, rootfs, '/');
    buildah(
      'config',
      ...['--user', 'agd', '--workingdir', '/var/lib/agd'],
      ...['--env', 'AGD_HOME=/var/lib/agd', '--env', 'HOME=/var/lib/agd'],
      ...['--entrypoint', '["/usr/bin/agd"]', '--cmd', 'start --split'],
      ...['--volume', '/var/lib/agd', '--stop-signal', 'SIGTERM'],
      ...[26656, 26657, 9090, 1317].flatMap((port) => ['--port', String(port)]),
      ...['--label', `org.opencontainers.image.version=${version}`],
      ...['--label', 'org.opencontainers.image.licenses=Apache-2.0'],
      ...['--arch', debianArch],
      container,
    );
    buildah(
      'commit',
      ...['--quiet', '--format', 'oci', '--disable-compression=false'],
      ...['--timestamp', epoch],
      ...[container, `oci:${layout}:agd-bridge:${version}`],
    );
  } finally {
    buildah('rm', container);
  }
  const file = join(output, `agd-bridge-${version}-image-${debianArch}.tar`);
  tarball(file, layout, ['.']);
  return file;
}

/** buildah's own storage, so that it touches no other images of this machine. */
export const storage = [
  ...['--root', join(work, 'containers')],
  ...['--runroot', join(work, 'containers-run')],
  ...['--storage-driver', 'vfs'],
] as const;
