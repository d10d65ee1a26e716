#!/bin/sh
# apt calls this before dpkg touches anything, with the files of the packages to come on standard input, one a line: what they would start at boot is
# turned off while it is not there yet. Each name is noted before it is turned off. It never fails: what it misses is found when apt is done.
# ANTLER_KIND: systemd or runit · ANTLER_ETC: /etc · ANTLER_NOTE: the file of names.
set -u

# As debhelper writes them into a postinst.
enabled() { sed -n 's/.*deb-systemd-helper enable \([^>|;&]*\).*/\1/p' | tr -d "\"'" | tr ' ' '\n'; }
scripts() { sed -n 's/.*update-rc\.d \([^ ]*\) defaults.*/\1/p'; }

# Of a postinst and its package. An init script stands for the unit of its name where the package has none, as systemd takes it.
units() {
  enabled <"$1"
  for script in $(scripts <"$1"); do
    dpkg-deb --fsys-tarfile "$2" 2>/dev/null | tar -t 2>/dev/null | grep -q "/systemd/system/$script\.service\$" || echo "$script.service"
  done
}

there() {
  for place in /lib/systemd/system /usr/lib/systemd/system "$ANTLER_ETC/systemd/system" "$ANTLER_ETC/init.d"; do
    if [ -e "$place/$1" ] || [ -L "$place/$1" ]; then return 0; fi
  done
  [ -e "$ANTLER_ETC/init.d/${1%.service}" ]
}

turn_off() {
  case $1 in '' | .* | *[!A-Za-z0-9@:._-]*) return ;; esac
  if there "$1"; then return; fi
  grep -qxF -- "$1" "$ANTLER_NOTE" 2>/dev/null || echo "$1" >>"$ANTLER_NOTE"
  if [ "$ANTLER_KIND" = systemd ]; then
    mkdir -p "$ANTLER_ETC/systemd/system"
    ln -s /dev/null "$ANTLER_ETC/systemd/system/$1"
  else
    # update-rc.d leaves the links alone that it finds.
    for level in 2 3 4 5; do
      if [ -d "$ANTLER_ETC/rc$level.d" ]; then ln -sf "../init.d/$1" "$ANTLER_ETC/rc$level.d/K01$1"; fi
    done
  fi
}

work=$(mktemp) || exit 0
trap 'rm -f "$work"' EXIT
while IFS= read -r deb; do
  case $deb in *.deb) ;; *) continue ;; esac
  dpkg-deb --ctrl-tarfile "$deb" 2>/dev/null | tar -xO ./postinst >"$work" 2>/dev/null || continue
  if [ "$ANTLER_KIND" = systemd ]; then names=$(units "$work" "$deb" | sort -u); else names=$(scripts <"$work" | sort -u); fi
  for name in $names; do turn_off "$name"; done
done
exit 0
