#!/usr/bin/env bash
# A Go program that imports bubbletea 1.3.10 asks its terminal questions before
# main runs, whether it uses the library or not.
#
# The package's init asks for the background colour (OSC 11) and the cursor's
# place (CSI 6n), and reads the answer from the terminal. So every command of a
# program with many commands, of which one uses the library, writes these
# sequences, reads what the user has typed ahead, and waits about five seconds
# for a terminal that does not answer. Version 2.1.1 has no such init.
#
# Needs Go, its module proxy and Python 3. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# build NAME MODULE VERSION: a program that imports the module and prints a word.
build() {
  mkdir "$1"
  printf 'package main\n\nimport (\n\t"fmt"\n\n\t_ "%s"\n)\n\nfunc main() { fmt.Println("done") }\n' "$2" > "$1/main.go"
  (cd "$1" && go mod init "example.com/$1" && go get "$2@$3" && go build -o "../$1.bin" .) > "$1.log" 2>&1
}
build one github.com/charmbracelet/bubbletea v1.3.10
build two charm.land/bubbletea/v2 v2.1.1

cat > terminal.py << 'PY'
"""Runs a program on a terminal that answers nothing; prints its output."""
import os, pty, sys, time

pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(sys.argv[1], sys.argv[1:2])
began, output = time.monotonic(), b""
try:
    while chunk := os.read(terminal, 4096):
        output += chunk
except OSError:
    pass  # the program has ended
os.waitpid(pid, 0)
slow = time.monotonic() - began > 3
print(repr(output.decode()), "after seconds" if slow else "at once")
PY
for program in one two; do python3 terminal.py "./$program.bin"; done | tee seen.txt

diff seen.txt - << 'SEEN'
'\x1b]11;?\x1b\\\x1b[6ndone\r\n' after seconds
'done\r\n' at once
SEEN
echo 'as described'
