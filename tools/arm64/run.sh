#!/bin/sh
# For go test -exec: runs a test's binary for linux/arm64 under qemu. The Linux
# kernel of this machine cannot execute the binary, and some tests start
# themselves again. So the binary's path becomes a script that runs it.
set -eu
script=$1
shift
binary=$script.arm64
mv "$script" "$binary"
cat >"$script" <<END
#!/bin/sh
exec qemu-aarch64 -0 '$script' '$binary' "\$@"
END
chmod +x "$script"
exec "$script" "$@"
