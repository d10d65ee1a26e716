#!/bin/sh
# Builds the small world in which a config is evaluated and goes into it. Runs inside namespaces of its own (see sandbox.ts), so nothing here
# is seen outside and everything vanishes with the process. Takes values as arguments only; nothing is ever pasted into a command.
set -eu
umask 022
root=$1 node=$2 ours=$3 config=$4 view=$5 who=$6 data=$7 seconds=$8
shift 8

mount -t tmpfs -o size=32m,mode=0755,nosuid,nodev antler "$root"
mkdir "$root/usr" "$root/config" "$root/antler"
mount --rbind -o ro,nosuid,nodev /usr "$root/usr"
for folder in lib lib64; do
  if [ -L "/$folder" ]; then ln -s "usr/$folder" "$root/$folder"
  elif [ -d "/$folder" ]; then mkdir "$root/$folder" && mount --rbind -o ro,nosuid,nodev "/$folder" "$root/$folder"; fi
done

: > "$root/node"
mount --bind -o ro,nosuid,nodev "$node" "$root/node"
install -m 0644 -t "$root/antler" "$ours/evaluate.mjs"

if [ "$view" = bind ]; then mount --rbind -o ro,nosuid,nodev,noexec "$config" "$root/config"
else
  # A folder that only its owner may read: the small files that a config can import, copied; links are not followed.
  cd "$config"
  find . -maxdepth 4 \( -name node_modules -o -name .git \) -prune -o -type f -size -256k \
    \( -name '*.ts' -o -name '*.mts' -o -name '*.js' -o -name '*.mjs' -o -name '*.json' \) -exec cp --parents -P -- '{}' "$root/config" ';'
  chmod -R a+rX "$root/config"
fi

ulimit -c 0
ulimit -t "$seconds"
ulimit -d "$data"
set -- --no-new-privs --inh-caps=-all --bounding-set=-all --pdeathsig KILL /node "$@"
if [ "$who" = nobody ]; then set -- --reuid 65534 --regid 65534 --clear-groups "$@"; fi
exec chroot "$root" /usr/bin/setpriv "$@"
