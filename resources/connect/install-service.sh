#!/bin/sh
# Installs Connect as the service kloudless_connect, with systemd or init scripts. Run as root, from the folder of the
# installed npm package. Run again to update; running services are restarted.
#
#   install-service.sh               keeps an existing /etc/kloudless/connect.yaml, otherwise installs a sample
#   install-service.sh --uninstall   ends the service and keeps configuration, key and logs
set -eu
umask 022

user=sallyport-connect
units=/etc/systemd/system
init_script=/etc/init.d/kloudless_connect
logrotate_rule=/etc/logrotate.d/kloudless_connect
config=/etc/kloudless/connect.yaml
package=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
program=$package/connect.mjs

fail() {
  echo "install-service.sh: $1" >&2
  exit "${2:-1}"
}
has_systemd() {
  [ -d /run/systemd/system ]
}
# Without systemd: the names of the configurations that have a pid file, whether or not their Connect still runs.
started_names() {
  for file in /run/kloudless_connect-*.pid; do
    [ -e "$file" ] || continue
    name=${file#/run/kloudless_connect-}
    echo "${name%.pid}"
  done
}
# A running Connect keeps using the old programs.
restart_running() {
  if has_systemd; then
    systemctl try-restart kloudless_connect.service 'kloudless_connect@*.service' ||
      fail 'installed, but Connect did not start again; see: systemctl status kloudless_connect'
    return 0
  fi
  for name in $(started_names); do
    if ! "$init_script" status "$name" >/dev/null; then continue; fi
    "$init_script" restart "$name" || fail "installed, but Connect $name did not start again, see above"
    echo "restarted kloudless_connect $name"
  done
}

[ "$(id -u)" = 0 ] || fail 'must run as root' 4
case "$#${1:-}" in 0 | 1--uninstall) ;; *) fail 'usage: install-service.sh [--uninstall]' 2 ;; esac

if [ "${1:-}" = --uninstall ]; then
  if has_systemd; then
    systemctl stop 'kloudless_connect.service' 'kloudless_connect@*.service'
    systemctl disable kloudless_connect.service 2>/dev/null || true
  elif [ -e "$init_script" ]; then
    for name in $(started_names); do "$init_script" stop "$name"; done
  fi
  rm -f "$units/kloudless_connect.service" "$units/kloudless_connect@.service" "$init_script" "$logrotate_rule"
  if has_systemd; then systemctl daemon-reload; fi
  if command -v update-rc.d >/dev/null; then update-rc.d kloudless_connect remove; fi
  echo 'removed; /etc/kloudless and the logs are kept'
  exit 0
fi

# This path is written into a unit and a script.
case $package in *[!A-Za-z0-9/._@+-]*) fail "$package contains characters that a unit may misread" 2 ;; esac
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$program" version >/dev/null ||
  fail 'a service finds no Node.js 20 or later: install it so that node is in /usr/local/bin or /usr/bin'

getent passwd $user >/dev/null ||
  useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin $user

# Writes a new file and renames it, so that an update never leaves half a file.
place() {
  install -D -m "$2" /dev/stdin "$1.new"
  mv -f "$1.new" "$1"
}
for file in kloudless_connect.service kloudless_connect@.service; do
  sed "s|/opt/sallyport-connect/bin/connect|$program|" "$package/$file" | place "$units/$file" 0644
done
sed "s|^program=.*|program=$program|" "$package/kloudless_connect.init" | place "$init_script" 0755
place "$logrotate_rule" 0644 <"$package/logrotate.conf"
[ -d /var/log/supervisord ] || install -d -m 0750 -o $user -g $user /var/log/supervisord
install -d -m 0755 /etc/kloudless
[ -e "$config" ] || install -m 0640 -g $user "$package/connect.yaml" "$config"

if has_systemd; then
  systemctl daemon-reload
  systemctl enable kloudless_connect.service
elif command -v update-rc.d >/dev/null; then
  update-rc.d kloudless_connect defaults
fi
restart_running
echo "installed; configuration: $config, start: service kloudless_connect start"
