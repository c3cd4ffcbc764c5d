#!/bin/sh
# Installs the Sallyport appliance kit on a stock Debian. `install.sh --help` lists the options. In the Debian package
# sallyport-appliance it is the command sallyport-appliance-setup, which also the package's own scripts run.
set -eu
umask 022

usage() {
  cat <<'END'
Installs the Sallyport appliance kit on a stock Debian with openssh-server (7.8 or later), rsyslog, iproute2, sudo and
util-linux. Run as root; run again to update.

  install.sh [--admin USER] [--appliance-version X.Y.Z] [--node PATH] [--bundle DIR]
  install.sh --uninstall

Afterwards the script is also in /opt/sallyport/kit, to change settings or to uninstall without the bundle. The Debian
package has it as sallyport-appliance-setup, with --admin, --appliance-version and --listen-address only.

  --admin USER               this user may run the ke_ commands as root and must exist. Default: the present
                             administrator on an update, otherwise ubuntu
  --appliance-version X.Y.Z  the version that the appliance reports. Default: the present version on an update,
                             otherwise 1.14.4
  --listen-address ADDRESS   for a cluster member: forwards also listen on this address, besides loopback, so that the
                             other members reach them. Only a firewall keeps other computers out: docs/cluster.md.
                             Default: the present address on an update, otherwise none; "none" removes it
  --node PATH                a Node of version 20 or later to use instead of the one in the bundle
  --bundle DIR               the folder with the kit's programs. Default: the folder of this script
  --uninstall                ends all tenants' sessions and removes the kit. Keeps state and configuration, so that a
                             later installation has the same tenants
  --help                     prints this text

An update keeps identity, state, configuration and authority keys, and ends no tenant's session.
Exit codes: 0 done, 1 failed, 2 usage, 3 no such user, 4 not root. If a check fails, nothing was changed.
END
}

node=''
bundle=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
admin=''
appliance_version=''
listen_address=''
uninstall=no
stage=''
architecture=''
commands='ke_status ke_manage_remote_networks ke_manage_license_key ke_update_configuration ke_update_configuraton ke_usage_report
  ke_manage_accounts ke_syslog ke_watch'
connect_user=connect
keys_user=sallyport
api_group=sallyport-api
workers_group=sallyport-workers
newline='
'

# The Debian package has programs, commands and units as files; everything else is the same.
package_program=/usr/lib/sallyport-appliance
self=install.sh
if [ "$bundle" = $package_program ]; then self=sallyport-appliance-setup; fi

fail() {
  echo "$self: $1" >&2
  exit "${2:-1}"
}

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --uninstall) uninstall=yes; shift; continue ;;
    --node | --bundle | --admin | --appliance-version | --listen-address | --stage | --architecture)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1 needs a value; see --help" 2
      # grep checks each line separately.
      case $2 in *"$newline"*) fail "$1 takes a value of one line" 2 ;; esac ;;
    *) fail "unknown option $1; see --help" 2 ;;
  esac
  case $1 in
    --node) node=$2 ;;
    --bundle) bundle=$2 ;;
    --admin) admin=$2 ;;
    --appliance-version) appliance_version=$2 ;;
    --listen-address) listen_address=$2 ;;
    # To build the Debian package: writes its files below this folder, for an architecture of Node.
    --stage) stage=$2 ;;
    --architecture) architecture=$2 ;;
  esac
  shift 2
done

layout=kit
if [ -n "$stage" ] || [ "$bundle" = $package_program ]; then layout=package; fi
if [ -z "$stage" ]; then
  [ "$(id -u)" = 0 ] || fail 'must run as root' 4
  if [ $layout = package ]; then
    [ -z "$node" ] || fail 'the package has its own Node' 2
  elif [ -e $package_program/install.sh ]; then
    fail 'this appliance has the package sallyport-appliance: use apt and sallyport-appliance-setup'
  fi
  # One run at a time: an upgrade may begin while its owner changes a setting. The lock ends with this script.
  command -v flock >/dev/null || fail 'flock is missing (package util-linux)'
  exec 9</etc
  flock --wait 60 9 || fail 'another run does not end; nothing was changed'
fi
# Allow only characters without a special meaning, because configuration files and command lines contain these values.
case $admin in
  -* | *[!a-z0-9_-]*) fail '--admin is not a user name' 2 ;;
  "$connect_user" | "$keys_user") fail "--admin: $admin is a user of the kit and must not get more rights" 2 ;;
esac
[ -z "$appliance_version" ] || printf '%s\n' "$appliance_version" |
  grep -Eqx '[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}' || fail '--appliance-version must be N.N.N' 2

kit_program=/opt/sallyport
kit_sbin=/usr/local/sbin
kit_bin=/usr/local/bin
kit_units=/etc/systemd/system
if [ $layout = package ]; then
  program=$package_program sbin=/usr/sbin bin=/usr/bin units=/lib/systemd/system
  # Node writes there what it compiled. It runs what it reads there, so only root may read or write.
  compiled=/var/cache/sallyport-appliance
else
  program=$kit_program sbin=$kit_sbin bin=$kit_bin units=$kit_units
  compiled=$program/compiled
fi
unit_files='sallyport.service sallyport-ping.service sallyport-observer.service'
settings=/etc/sallyport
state=/var/lib/sallyport
run=/run/sallyport
sshd_snippet=/etc/ssh/sshd_config.d/sallyport.conf
sudo_snippet=/etc/sudoers.d/sallyport
tmpfiles=/etc/tmpfiles.d/sallyport.conf
limits=/etc/security/limits.d/sallyport.conf
syslog=/var/log/syslog
syslog_rule=/etc/rsyslog.d/30-sallyport.conf
config=$settings/appliance.json
# Without the sudo rule, e.g. after the package was removed, this says who the administrator was.
admin_record=$settings/administrator
init_script=/etc/init.d/sallyport
client=$program/sallyport-client
kit_copy=$kit_program/kit
programs='ke_status.cjs ke_manage_remote_networks.cjs ke_manage_license_key.cjs ke_update_configuration.cjs ke_usage_report.cjs
  ke_manage_accounts.cjs ke_syslog.sh ke_watch.sh follow_syslog.sh sallyport-ping.sh service.mjs observer.mjs'

# Writes a new file and renames it, so that a login during an update never reads an incomplete file.
place() {
  if [ -n "$stage" ]; then
    install -D -m "$2" /dev/stdin "$stage$1"
  else
    install -o root -g root -m "$2" /dev/stdin "$1.new"
    mv -f "$1.new" "$1"
  fi
}

# ── What is the same on every appliance: the files of the Debian package ──

# Service files name the program's folder as the kit has it.
with_program() { sed "s|$kit_program|$program|g" "$bundle/$1"; }
place_programs() {
  for file in $programs; do place "$program/$file" 0644 <"$bundle/$file"; done
  place "$client" 0755 <"$bundle/sallyport-client-$architecture"
  for unit in $unit_files; do with_program "$unit" | place "$units/$unit" 0644; done
}

# Check limits before starting Node. If they are too low, Node crashes with a stack trace instead of a clear error.
need_limits=$(
  cat <<'END'
need() {
  has=$(ulimit "-S$1")
  if [ "$has" = unlimited ] || [ "$has" -ge "$2" ] || ulimit "-S$1" "$2" 2>/dev/null; then return; fi
  echo "${0##*/}: COMMAND_FAILED: ulimit -$1 permits $has $3, and $2 are needed" >&2
  exit 1
}
need n 64 'open files'
need v 2000000 'kB of address space'
END
)
# The observer answers these without the start of a Node. Without it, the command does its work itself.
ask_observer() {
  cat <<END
ask() {
  $client ask $run/observer/socket "\$@"
  code=\$?
  [ \$code = 69 ] || exit \$code
}
$1
END
}
ask_status=$(ask_observer 'case $* in --json) ask status ;; esac')
ask_list=$(ask_observer 'case $# in
  2) case $* in "list --json") ask list ;; esac ;;
  3) if [ "$1 $3" = "list --json" ]; then ask list "$2"; fi ;;
esac')
ask_licence=$(ask_observer 'case $* in "show --json") ask licence ;; esac')
place_commands() {
  mkdir -p "$stage$bin"
  for command in $commands; do
    asks=
    case $command in
      ke_status) asks=$ask_status ;;
      ke_manage_remote_networks) asks=$ask_list ;;
      ke_manage_license_key) asks=$ask_licence ;;
    esac
    case $command in
      ke_watch) runs="/bin/sh $program/ke_watch.sh $client $run/observer/socket" needs= ;;
      # tail(1) reads the log, so that no Node process keeps running while the log is followed.
      ke_syslog) runs="/bin/sh $program/ke_syslog.sh $config" needs= ;;
      # The documentation once spells the command this way [doc].
      ke_update_configuraton) runs="$program/node $program/ke_update_configuration.cjs $command" needs=$need_limits ;;
      # With a small young generation, a report of a million accounts needs 100 MB of memory instead of 250 MB, and no more time.
      ke_usage_report | ke_manage_accounts)
        runs="$program/node --max-semi-space-size=2 $program/$command.cjs $command" needs=$need_limits ;;
      *) runs="$program/node $program/$command.cjs $command" needs=$need_limits ;;
    esac
    place "$sbin/$command" 0755 <<END
#!/bin/sh
SALLYPORT_APPLIANCE_CONFIG=$config
NODE_COMPILE_CACHE=$compiled
export SALLYPORT_APPLIANCE_CONFIG NODE_COMPILE_CACHE
$asks
$needs
exec $runs "\$@"
END
    ln -sfn "../sbin/$command" "$stage$bin/$command"
  done
}

if [ -n "$stage" ]; then
  place_programs
  place_commands
  for file in install.sh sallyport.init; do place "$program/$file" 0644 <"$bundle/$file"; done
  exit 0
fi

# rsyslog reads its rules only when it starts.
restart_rsyslog() {
  if [ -d /run/systemd/system ]; then
    systemctl try-restart rsyslog || fail 'rsyslog was not restarted'
  else
    echo "$self: no systemd here; restart rsyslog yourself" >&2
  fi
}

reload_sshd() {
  if [ $layout = package ]; then
    invoke-rc.d --quiet ssh reload || fail 'sshd was not reloaded'
  elif [ -d /run/systemd/system ]; then
    systemctl reload ssh || fail 'sshd was not reloaded'
  elif [ -x /etc/init.d/ssh ]; then
    /etc/init.d/ssh reload >/dev/null || fail 'sshd was not reloaded'
  else
    echo "$self: no systemd here; reload sshd yourself" >&2
  fi
}

# With a package, the owner may forbid starts, e.g. while an image is built: policy-rc.d(8) says so with 101.
may_start() {
  [ $layout = package ] && [ -x /usr/sbin/policy-rc.d ] || return 0
  /usr/sbin/policy-rc.d sallyport restart >/dev/null 2>&1 || [ $? != 101 ]
}

# deb-systemd-helper answers dpkg's scripts only; the owner runs this script, too.
if [ $layout = package ]; then
  DPKG_MAINTSCRIPT_PACKAGE=${DPKG_MAINTSCRIPT_PACKAGE:-sallyport-appliance}
  export DPKG_MAINTSCRIPT_PACKAGE
fi

# Leaves a unit as it is if the owner has disabled it. Also for a systemd that runs only later, when an image has started.
enable_packaged_units() {
  for unit in $unit_files; do
    if deb-systemd-helper --quiet was-enabled "$unit"; then
      deb-systemd-helper enable "$unit" >/dev/null 2>&1 || fail "$unit was not enabled"
    else
      deb-systemd-helper update-state "$unit" >/dev/null || true
    fi
  done
}

# A restart of the service doesn't end any tenant's session.
start_service() {
  if [ $layout = package ]; then
    enable_packaged_units
    # Also with systemd: it is asked for the state of both.
    update-rc.d sallyport defaults >/dev/null || fail 'the service will not start with the system'
  fi
  if ! may_start; then
    echo "$self: the services are not started, because /usr/sbin/policy-rc.d forbids it" >&2
    return 0
  elif [ -d /run/systemd/system ]; then
    systemctl daemon-reload && { [ $layout = package ] || systemctl enable --quiet $unit_files; } &&
      systemctl restart $unit_files ||
      fail 'the service was not started; see: systemctl status sallyport'
  else
    update-rc.d sallyport defaults >/dev/null || fail 'the service will not start with the system'
    "$init_script" restart 9<&- || fail 'the service was not started'
  fi
  # Wait until ke_status, which administrators use, shows the service as running.
  for _ in $(seq 60); do
    if "$sbin/ke_status" | grep -Eq '^Service +sallyport +running'; then return 0; fi
    sleep 0.5
  done
  fail 'the service does not answer; see the syslog for the reason'
}

remove_service() {
  if [ -d /run/systemd/system ]; then
    systemctl disable --quiet --now sallyport sallyport-ping sallyport-observer || true
  elif [ -x "$init_script" ]; then
    "$init_script" stop || true
  fi
  rm -f "$init_script"
  if [ $layout = package ]; then
    # shellcheck disable=SC2086
    deb-systemd-helper purge $unit_files >/dev/null || true
  else
    for unit in $unit_files; do rm -f "$units/$unit"; done
  fi
  [ -d /run/systemd/system ] || update-rc.d sallyport remove >/dev/null || true
}

# The package takes the place of a kit that this script has installed: first of what would come before it or run beside it.
stop_installed_kit() {
  for unit in $unit_files; do rm -f "$kit_units/$unit"; done
  if [ ! -d /run/systemd/system ] && [ -x "$init_script" ]; then "$init_script" stop || true; fi
}
remove_installed_kit() {
  for command in $commands; do rm -f "$kit_sbin/$command" "$kit_bin/$command"; done
  rm -rf "$kit_program"
}

# Lists the status files of the tenants' processes. Reads the user from the file, because root owns sshd's folders in
# /proc. Uses grep, because awk would stop if a process has ended since the shell listed it.
tenant_processes() {
  uid=$(id -u $connect_user)
  grep -lsE "^Uid:[[:space:]]+($uid|[0-9]+[[:space:]]+$uid)[[:space:]]" /proc/[0-9]*/status || true
}

# Lists logins in progress. Their process still belongs to root, but sshd already shows the user in its title.
log_ins() { grep -lszE "^sshd[a-z-]*: $connect_user([ @]|\$)" /proc/[0-9]*/cmdline || true; }

# Call this after the key look-up was removed, so that no tenant can reconnect.
end_tenants() {
  getent passwd $connect_user >/dev/null || return 0
  count=$(tenant_processes | xargs -r grep -lsE '^Name:[[:space:]]+sshd' | wc -l)
  for signal in TERM KILL; do
    for file in $(tenant_processes; log_ins); do
      pid=${file#/proc/}
      kill -s $signal "${pid%%/*}" 2>/dev/null || true
    done
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -n "$(tenant_processes; log_ins)" ] || break 2
      sleep 0.2
    done
  done
  [ -z "$(tenant_processes)" ] || fail 'some tenant sessions could not be ended; run this again'
  case $count in 1) echo 'ended 1 tenant session' ;; *) echo "ended $count tenant sessions" ;; esac
}

# What an interrupted run left. No other one runs now.
remove_stagings() { rm -rf "$(dirname "$program")"/.sallyport.??????; }

if [ "$uninstall" = yes ]; then
  # Remove the key look-up first. Without it, sshd refuses all tenants, even if sshd can't be reloaded.
  remove_service
  # dpkg removes its own files after this, or it needs them again.
  if [ $layout = package ]; then chmod 0644 "$client"; else rm -f "$client"; fi
  end_tenants
  rm -f "$sshd_snippet"
  reload_sshd
  if [ -e "$syslog_rule" ]; then rm -f "$syslog_rule" && restart_rsyslog; fi
  rm -f "$sudo_snippet" "$tmpfiles" "$limits"
  remove_stagings
  if [ $layout = kit ]; then
    for command in $commands; do rm -f "$sbin/$command" "$bin/$command"; done
    rm -rf "$program"
  fi
  rm -rf "$compiled"
  echo "removed; state is kept in $state and $settings"
  exit 0
fi

# sshd and rsyslog can check the kit's files only in their final places. A refused file must not stay there, because
# sshd would refuse all logins after its next start, even one for repair. Links and renames also work on a full disk.
keep_before() {
  rm -f "$1.before"
  if [ -e "$1" ]; then ln "$1" "$1.before"; fi
}
put_back() {
  rm -f "$1.new"
  # The file was not replaced yet: both names are the same file. In this case, mv(1) would do nothing.
  if [ "$1.before" -ef "$1" ]; then
    rm -f "$1.before"
  elif [ -e "$1.before" ]; then
    mv -f "$1.before" "$1"
  else
    rm -f "$1"
  fi
}

# Runs at every end of the script, e.g. after a failed check or a signal. `phase` decides what to undo and report.
phase=checks
finish() {
  code=$?
  trap '' HUP INT TERM
  case $phase in
    checks) rm -f "$sshd_snippet.before" "$syslog_rule.before" ;;
    trial)
      put_back "$sshd_snippet"
      put_back "$syslog_rule"
      ;;
    changes)
      # Remove the new rule, so that the next run installs it again and restarts rsyslog.
      if [ $has_new_rule = yes ]; then put_back "$syslog_rule"; fi
      rm -f "$syslog_rule.before"
      echo "$self: the installation is incomplete; fix the cause (see above) and run it again with the same options" >&2
      ;;
  esac
  rm -rf "$staging"
  exit $code
}

# ── Checks: if one of them fails, the appliance is unchanged ──

is_update=no
if [ -e "$config" ]; then
  is_update=yes
  # Without its settings, no command of the new version would run.
  grep -Eq '"applianceId": *"[0-9a-fA-F-]{36}"' "$config" ||
    fail "$config is damaged: restore it, or move it away and get a new identity"
fi
present_admin=''
if [ -r "$sudo_snippet" ]; then
  present_admin=$(sed -n 's/^\([a-z0-9_][a-z0-9_-]*\) ALL=(root) NOPASSWD: .*/\1/p' "$sudo_snippet" | head -n 1)
fi
if [ -z "$present_admin" ] && [ -r "$admin_record" ]; then
  present_admin=$(grep -Ex '[a-z0-9_][a-z0-9_-]*' "$admin_record" | head -n 1) || present_admin=''
fi
admin=${admin:-${present_admin:-ubuntu}}
# Compare the name with the result, because getent also accepts a user ID.
[ "$(getent passwd "$admin" | cut -d : -f 1)" = "$admin" ] ||
  fail "there is no user $admin on this appliance; add the user first, or name another one with --admin" 3
case $(uname -m) in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
  *) fail "the kit is for x86_64 and aarch64; this appliance is $(uname -m)" ;;
esac
if [ $layout = package ]; then
  bundle_files="$programs sallyport.init sallyport-client node"
else
  bundle_files="$programs $unit_files sallyport.init sallyport-client-$architecture install.sh"
fi
for file in $bundle_files; do [ -r "$bundle/$file" ] || fail "$bundle/$file is missing" 2; done
command -v logger >/dev/null || fail 'logger is missing (package bsdutils)'
command -v ss >/dev/null || fail 'ss is missing (package iproute2)'
# The address must be reachable from other computers: not loopback, link-local or a wildcard.
case $listen_address in
  '' | none) ;;
  *)
    command -v ip >/dev/null || fail 'ip is missing (package iproute2)'
    ip -o addr show scope global | awk '{ sub("/.*", "", $4); print $4 }' | grep -qxF -- "$listen_address" ||
      fail "--listen-address: other computers can't reach this one at $listen_address; give an address as 'ip addr' shows it" 2 ;;
esac
command -v sudo >/dev/null || fail 'sudo is missing (package sudo)'
[ -x /usr/sbin/sshd ] || fail 'sshd is missing (package openssh-server)'
command -v rsyslogd >/dev/null || fail 'rsyslogd is missing (package rsyslog)'

# Stage the files beside the program's folder: files can be executed there, and it is on the same file system.
mkdir -p "$(dirname "$program")"
remove_stagings
staging=$(mktemp -d "$(dirname "$program")/.sallyport.XXXXXX")
trap finish EXIT
trap 'exit 1' HUP INT TERM

# Pass the result as an exit code, because Node may print colour codes.
is_node_20() { "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 20 : 1)' 2>/dev/null; [ $? = 20 ]; }

# Always make a copy: root and sshd must not run a file that another user may replace.
stage_given_node() {
  case $1 in /*) ;; *) fail '--node must be an absolute path' 2 ;; esac
  case $1 in *[!A-Za-z0-9/._@+-]*) fail '--node has characters that a script may misread' 2 ;; esac
  is_node_20 "$1" || fail "$1 is not a Node of version 20 or later" 2
  install -o root -g root -m 0755 "$1" "$staging/node"
  is_node_20 "$staging/node" || fail "$1 does not run as a copy in /opt"
}

# The checksum of the archive is stored next to the program. If it is unchanged, an update doesn't unpack the archive.
stage_bundled_node() {
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" "$bundle/node.sha256")
  [ -n "$expected" ] || fail "$bundle/node.sha256 does not name $1; copy the bundle again" 2
  if [ "$(cat "$program/node.sha256" 2>/dev/null)" = "$expected" ] && is_node_20 "$program/node"; then return 0; fi
  [ "$(sha256sum <"$bundle/$1" | cut -d ' ' -f 1)" = "$expected" ] || fail "$bundle/$1 is damaged; copy the bundle again"
  gzip -dc "$bundle/$1" >"$staging/node" || fail "$bundle/$1 could not be unpacked, see above"
  chmod 0755 "$staging/node"
  is_node_20 "$staging/node" || fail "the bundle's Node does not run on this appliance; give another one with --node"
  echo "$expected" >"$staging/node.sha256"
}

if [ -n "$node" ]; then
  stage_given_node "$node"
elif [ "$bundle" = "$kit_copy" ]; then
  is_node_20 "$program/node" || fail "$program/node does not run; copy the bundle again and run its install.sh"
elif [ $layout = package ]; then
  is_node_20 "$program/node" || fail "$program/node does not run; install the package again"
elif [ -r "$bundle/node-linux-$architecture.gz" ]; then
  stage_bundled_node "node-linux-$architecture.gz"
else
  node=$(command -v node) || fail "the bundle has no Node for $(uname -m); give one of version 20 or later with --node" 2
  stage_given_node "$node"
fi

{
  echo "# $admin administers the appliance with these commands; this file grants nothing else."
  for command in $commands; do echo "$admin ALL=(root) NOPASSWD: $sbin/$command, $bin/$command"; done
  echo "# Programs of users in the group $api_group may read the ports with exactly this command."
  list='ke_manage_remote_networks list --json'
  echo "%$api_group ALL=(root) NOPASSWD: $sbin/$list, $bin/$list"
} >"$staging/sudo"
if command -v visudo >/dev/null && ! visudo -cqf "$staging/sudo"; then
  fail 'sudo refuses the rule for the ke_ commands'
fi

# Server logs are in /var/log/syslog [doc], but Debian writes auth and authpriv, including sshd's lines, to another
# file. Those lines show which key a tenant offers. Use rsyslog's old syntax, which takes the file's owner and mode
# from the settings before it.
cat >"$staging/rsyslog" <<END
# From the Sallyport appliance kit: writes sshd's messages about its clients to the appliance's log.
:programname, startswith, "sshd" -$syslog
END

# sshd must let clients choose a listening address. Each tenant's permitlisten options limit the choice.
gateway_ports=no
case $listen_address in
  none) ;;
  '') if [ $is_update = yes ] && grep -q '"listenAddress":' "$config"; then gateway_ports=clientspecified; fi ;;
  *) gateway_ports=clientspecified ;;
esac
cat >"$staging/sshd" <<END
# Tenants of the Sallyport appliance kit: login by key, their own ports, the registrar, and nothing else.
Match User $connect_user
  AuthenticationMethods publickey
  PubkeyAuthentication yes
  PasswordAuthentication no
  KbdInteractiveAuthentication no
  AuthorizedKeysFile none
  TrustedUserCAKeys none
  AuthorizedPrincipalsFile none
  AuthorizedKeysCommand $client lookup $run/lookups/socket /dev/log %k
  AuthorizedKeysCommandUser $keys_user
  AllowTcpForwarding remote
  DisableForwarding no
  PermitListen any
  PermitOpen none
  GatewayPorts $gateway_ports
  AllowStreamLocalForwarding no
  AllowAgentForwarding no
  X11Forwarding no
  PermitTunnel no
  PermitTTY no
  PermitUserRC no
  MaxSessions 1
  ClientAliveInterval 5
  ClientAliveCountMax 3
  LogLevel VERBOSE
END

refuse_files() { fail "$1; nothing was changed"; }
mkdir -p "$(dirname "$sshd_snippet")" "$(dirname "$syslog_rule")"
keep_before "$sshd_snippet"
keep_before "$syslog_rule"
phase=trial
place "$sshd_snippet" 0644 <"$staging/sshd"
mkdir -p /run/sshd
/usr/sbin/sshd -t || refuse_files 'sshd refuses its configuration, see above'
/usr/sbin/sshd -T -C user=$connect_user,host=x,addr=127.0.0.1 |
  grep -qxF "authorizedkeyscommand $client lookup $run/lookups/socket /dev/log %k" ||
  refuse_files "/etc/ssh/sshd_config does not take our settings for $connect_user: it lacks 'Include /etc/ssh/sshd_config.d/*.conf', or sets others before it"
# Write the rule only if it differs, because rsyslog must then restart and loses log lines.
has_new_rule=no
if ! cmp -s "$staging/rsyslog" "$syslog_rule"; then
  has_new_rule=yes
  place "$syslog_rule" 0644 <"$staging/rsyslog"
  if ! rsyslogd -N1 >/dev/null 2>&1; then refuse_files 'rsyslog refuses the rule for sshd'; fi
fi

# ── Changes ──

phase=changes
rm -f "$sshd_snippet.before"

# No password matches `*`, but the account is not locked. Without PAM, sshd would refuse a locked account.
getent group $keys_user >/dev/null || groupadd --system $keys_user
getent group $api_group >/dev/null || groupadd --system $api_group
getent group $workers_group >/dev/null || groupadd --system $workers_group
if ! getent passwd $keys_user >/dev/null; then
  useradd --system --gid $keys_user --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
    --password '*' $keys_user
fi
if ! getent passwd $connect_user >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/sallyport/connect --no-create-home --shell /bin/sh \
    --password '*' $connect_user
fi
# An earlier kit added the tenants' user to this group, which may read the state.
if id -Gn $connect_user | tr ' ' '\n' | grep -qx $keys_user; then
  gpasswd --delete $connect_user $keys_user >/dev/null
fi

mkdir -p "$program" "$settings" "$sbin" "$bin" "$run" "$(dirname "$state")" \
  "$(dirname "$sudo_snippet")" "$(dirname "$tmpfiles")" "$(dirname "$limits")" \
  "$units" "$(dirname "$init_script")"
# The service's group may read the tenants. All users may enter the folder, because ke_status without root rights reads
# the clock's mark in it.
install -d -o root -g $keys_user -m 2751 "$state"
install -d -o $connect_user -g $connect_user -m 0700 "$state/connect"
# The service stores there which repository of a tenant had which port.
install -d -o $keys_user -g $keys_user -m 2750 "$state/ports"
# The service creates the keys of groups, and the API's group verifies them.
install -d -o $keys_user -g $api_group -m 2750 "$state/group-keys"
install -d -o root -g root -m 0751 "$state/secrets"

run_folders() {
  echo "d $run 0755 root root"
  for folder in auth sessions announcements dial-failures endings command-endings; do echo "d $run/$folder 2750 $keys_user $keys_user"; done
  echo "d $run/service 0755 $keys_user $keys_user"
  # Only the user of the key look-up may connect to `lookups`, and only the tenants' user to `channels`.
  echo "d $run/lookups 0700 $keys_user $keys_user"
  echo "d $run/channels 2710 $keys_user $connect_user"
  # Only root may ask the observer.
  echo "d $run/observer 0700 root root"
}
run_folders | place "$tmpfiles" 0644
# Raise PAM's limit of 1024 open files, because a session needs one for each port and for each connection through it.
place "$limits" 0644 <<END
$connect_user - nofile 16384
END
run_folders | while read -r _ folder mode owner group; do install -d -o "$owner" -g "$group" -m "$mode" "$folder"; done

if [ -e "$staging/node" ]; then
  rm -f "$program/node.sha256"
  mv -f "$staging/node" "$program/node"
  if [ -e "$staging/node.sha256" ]; then place "$program/node.sha256" 0644 <"$staging/node.sha256"; fi
fi
rm -rf "$compiled"
if [ $layout = package ]; then
  # An earlier removal, which did not end, has made it unusable.
  chmod 0755 "$client"
  if [ -e "$kit_program" ]; then stop_installed_kit; fi
else
  place_programs
  rm -f "$program/keys.mjs" "$program/authorized-keys" "$program/registrar"
  # Keep the bundle's small files, so that settings can be changed and the kit removed without another copy of it.
  if [ "$bundle" != "$kit_copy" ]; then
    mkdir -p "$kit_copy"
    for file in $bundle_files; do place "$kit_copy/$file" 0644 <"$bundle/$file"; done
  fi
fi
install -d -o root -g root -m 0700 "$compiled"
with_program sallyport.init | place "$init_script" 0755

if [ $is_update = no ]; then
  place "$config" 0644 <<END
{
  "applianceId": "$(cat /proc/sys/kernel/random/uuid)",
  "applianceVersion": "${appliance_version:-1.14.4}",
  "stateFolder": "$state",
  "runFolder": "$run",
  "connectUser": "$connect_user",
  "syslog": "$syslog",
  "authorityKeys": "$settings/authority.jwks"
}
END
elif [ -n "$appliance_version" ]; then
  "$program/node" -e '
    const [path, version] = process.argv.slice(1);
    const { readFileSync, writeFileSync } = require("node:fs");
    const settings = JSON.parse(readFileSync(path, "utf8"));
    if (settings.applianceVersion === version) process.exit(0);
    writeFileSync(1, `appliance version ${settings.applianceVersion} is now ${version}\n`);
    writeFileSync(process.argv[3], `${JSON.stringify({ ...settings, applianceVersion: version }, null, 2)}\n`);
  ' "$config" "$appliance_version" "$staging/config"
  if [ -e "$staging/config" ]; then place "$config" 0644 <"$staging/config"; fi
fi
if [ -n "$listen_address" ]; then
  "$program/node" -e '
    const [path, address] = process.argv.slice(1);
    const { listenAddress, ...config } = JSON.parse(require("node:fs").readFileSync(path, "utf8"));
    const changed = address === "none" ? config : { ...config, listenAddress: address };
    console.log(JSON.stringify(changed, null, 2));
  ' "$config" "$listen_address" >"$staging/config"
  place "$config" 0644 <"$staging/config"
fi
[ -e "$settings/authority.jwks" ] || echo '{"keys":[]}' | place "$settings/authority.jwks" 0644

if [ $layout = kit ]; then place_commands; fi
# Earlier kits had one program for all commands, and then modules.
rm -f "$kit_program"/ke*.mjs "$kit_copy"/ke*.mjs

# The API's group can encrypt secrets; only the workers' group can decrypt them [doc].
"$sbin/ke_manage_remote_networks" group-key init >/dev/null || fail 'the key pair for secrets was not created'
chown root:$api_group "$state/secrets/public.pem"
chmod 0640 "$state/secrets/public.pem"
# The service creates the keys of groups. It is in no group but its own, so it has a copy.
install -o root -g $keys_user -m 0640 "$state/secrets/public.pem" "$state/secrets/service-public.pem"
chown root:$workers_group "$state/secrets/private.pem"
chmod 0640 "$state/secrets/private.pem"

# Accounts of an earlier kit can be counted again at once. Without them, tenants work as before, so a failure is no end.
"$sbin/ke_manage_accounts" init --if-present >/dev/null ||
  echo "$self: the account tables are not those of this kit, see above; accounts are not counted until they are" >&2

place "$sudo_snippet" 0440 <"$staging/sudo"
echo "$admin" | place "$admin_record" 0644
if [ "${present_admin:-$admin}" != "$admin" ]; then echo "administrator changed from $present_admin to $admin"; fi
if [ $has_new_rule = yes ]; then restart_rsyslog; fi
has_new_rule=no
rm -f "$syslog_rule.before"
start_service
reload_sshd
if [ $layout = package ] && [ -e "$kit_program" ]; then remove_installed_kit; fi
phase=done
done_word=installed
if [ $is_update = yes ]; then done_word=updated; fi
echo "$done_word $program; administrator $admin; identity $(sed -n 's/.*"applianceId": *"\([^"]*\)".*/\1/p' "$config")"
