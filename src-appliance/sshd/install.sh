#!/bin/sh
# Installs the Sallyport appliance kit on a stock Debian with openssh-server (7.8 or later), rsyslog, iproute2
# and util-linux.
# Run as root; run again to update: identity, state, configuration and authority keys are kept.
#
#   install.sh [--node PATH] [--bundle DIR] [--admin USER] [--appliance-version X.Y.Z] [--prefix DIR]
#   install.sh --uninstall [--prefix DIR]       keeps state and configuration
#
# --prefix puts every file under DIR and touches neither the system's sshd nor its sudo.
set -eu
umask 022

node=''
bundle=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
admin=ubuntu
appliance_version=1.14.4
prefix=''
uninstall=no
commands='ke_status ke_manage_remote_networks ke_manage_license_key'
connect_user=connect
keys_user=sallyport

fail() {
  echo "install.sh: $1" >&2
  exit "${2:-1}"
}

while [ $# -gt 0 ]; do
  case $1 in
    --uninstall) uninstall=yes; shift; continue ;;
    --node | --bundle | --admin | --appliance-version | --prefix)
      [ $# -ge 2 ] || fail "$1 needs a value" 2 ;;
    *) fail "unknown option $1" 2 ;;
  esac
  case $1 in
    --node) node=$2 ;;
    --bundle) bundle=$2 ;;
    --admin) admin=$2 ;;
    --appliance-version) appliance_version=$2 ;;
    --prefix) prefix=$2 ;;
  esac
  shift 2
done

[ "$(id -u)" = 0 ] || fail 'must run as root' 4
# These end up inside configuration files and command lines, so nothing that either could misread is let in.
case $prefix in '' | /*) ;; *) fail '--prefix must be an absolute path' 2 ;; esac
case $prefix in *[!A-Za-z0-9/._-]*) fail '--prefix may hold letters, digits and / . _ - only' 2 ;; esac
case $admin in '' | -* | *[!a-z0-9_-]*) fail '--admin is not a user name' 2 ;; esac
printf '%s\n' "$appliance_version" | grep -Eqx '[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}' ||
  fail '--appliance-version must be N.N.N' 2

program=$prefix/opt/sallyport
settings=$prefix/etc/sallyport
state=$prefix/var/lib/sallyport
run=$prefix/run/sallyport
sbin=$prefix/usr/local/sbin
bin=$prefix/usr/local/bin
sshd_snippet=$prefix/etc/ssh/sshd_config.d/sallyport.conf
sudo_snippet=$prefix/etc/sudoers.d/sallyport
tmpfiles=$prefix/etc/tmpfiles.d/sallyport.conf
syslog=$prefix/var/log/syslog
syslog_rule=$prefix/etc/rsyslog.d/30-sallyport.conf

# rsyslog reads its rules at its start only.
restart_rsyslog() {
  [ -z "$prefix" ] || return 0
  if [ -d /run/systemd/system ]; then
    systemctl try-restart rsyslog || fail 'rsyslog was not restarted'
  else
    echo 'install.sh: no systemd here; restart rsyslog yourself' >&2
  fi
}

reload_sshd() {
  [ -z "$prefix" ] || return 0
  if [ -d /run/systemd/system ]; then
    systemctl reload ssh || fail 'sshd was not reloaded'
  else
    echo 'install.sh: no systemd here; reload sshd yourself' >&2
  fi
}

if [ "$uninstall" = yes ]; then
  for command in $commands; do rm -f "$sbin/$command" "$bin/$command"; done
  if [ -e "$syslog_rule" ]; then rm -f "$syslog_rule" && restart_rsyslog; fi
  rm -f "$sshd_snippet" "$sudo_snippet" "$tmpfiles"
  rm -rf "$program"
  reload_sshd
  echo "removed; state is kept in $state and $settings"
  exit 0
fi

if [ -z "$node" ]; then node=$(command -v node) || fail 'no node found; give --node PATH' 2; fi
case $node in /*) ;; *) fail '--node must be an absolute path' 2 ;; esac
case $node in *[!A-Za-z0-9/._@+-]*) fail '--node has characters that a script may misread' 2 ;; esac
"$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
  fail "$node is not a Node of version 20 or later" 2
for file in ke.mjs keys.mjs; do [ -r "$bundle/$file" ] || fail "$bundle/$file is missing" 2; done
command -v flock >/dev/null || fail 'flock is missing (package util-linux)'
command -v logger >/dev/null || fail 'logger is missing (package bsdutils)'
command -v ss >/dev/null || fail 'ss is missing (package iproute2)'

# Each user's password is `*`: none fits, yet the account is not locked, which sshd without PAM would refuse.
getent group $keys_user >/dev/null || groupadd --system $keys_user
if ! getent passwd $keys_user >/dev/null; then
  useradd --system --gid $keys_user --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
    --password '*' $keys_user
fi
if ! getent passwd $connect_user >/dev/null; then
  useradd --system --user-group --groups $keys_user --home-dir /var/lib/sallyport/connect --no-create-home \
    --shell /bin/sh --password '*' $connect_user
fi
id -Gn $connect_user | tr ' ' '\n' | grep -qx $keys_user || usermod --append --groups $keys_user $connect_user

mkdir -p "$program" "$settings" "$sbin" "$bin" "$run" "$(dirname "$state")" \
  "$(dirname "$sshd_snippet")" "$(dirname "$sudo_snippet")" "$(dirname "$tmpfiles")" "$(dirname "$syslog_rule")"
# The group reads the tenants: the authorized-keys command and the registrar are in it. Others may pass through to
# the clock's mark, which an unprivileged ke_status shows.
install -d -o root -g $keys_user -m 2751 "$state"
install -d -o $connect_user -g $connect_user -m 0700 "$state/connect"

run_folders() {
  echo "d $run 0755 root root"
  echo "d $run/auth 2750 $keys_user $keys_user"
  for folder in sessions announcements endings; do echo "d $run/$folder 2770 $connect_user $keys_user"; done
}
run_folders >"$tmpfiles"
run_folders | while read -r _ folder mode owner group; do install -d -o "$owner" -g "$group" -m "$mode" "$folder"; done

# Beside and renamed, so that a log-in during an update never meets half a file.
place() {
  install -o root -g root -m "$2" /dev/stdin "$1.new"
  mv -f "$1.new" "$1"
}
# A copy of our own: root and sshd must not run what an administrator's user may replace. Tried before it takes the place
# of one that works.
install -o root -g root -m 0755 "$node" "$program/node.new"
"$program/node.new" -e 0 || { rm -f "$program/node.new" && fail "$node does not run as a copy in $program"; }
mv -f "$program/node.new" "$program/node"
for file in ke.mjs keys.mjs; do place "$program/$file" 0644 <"$bundle/$file"; done

config=$settings/appliance.json
if [ ! -e "$config" ]; then
  place "$config" 0644 <<END
{
  "applianceId": "$(cat /proc/sys/kernel/random/uuid)",
  "applianceVersion": "$appliance_version",
  "stateFolder": "$state",
  "runFolder": "$run",
  "connectUser": "$connect_user",
  "syslog": "$syslog",
  "authorityKeys": "$settings/authority.jwks"
}
END
fi
[ -e "$settings/authority.jwks" ] || echo '{"keys":[]}' | place "$settings/authority.jwks" 0644

for command in $commands; do
  place "$sbin/$command" 0755 <<END
#!/bin/sh
SALLYPORT_APPLIANCE_CONFIG=$config
export SALLYPORT_APPLIANCE_CONFIG
exec $program/node $program/ke.mjs $command "\$@"
END
  ln -sfn "$sbin/$command" "$bin/$command"
done

# `exec` keeps the parent: both programs know the connection by the sshd process that started them.
place "$program/authorized-keys" 0755 <<END
#!/bin/sh
exec $program/node $program/keys.mjs $config 'exec $program/registrar' "\$1"
END
place "$program/registrar" 0755 <<END
#!/bin/sh
SALLYPORT_APPLIANCE_CONFIG=$config
export SALLYPORT_APPLIANCE_CONFIG
exec $program/node $program/ke.mjs registrar "\$@"
END

# Server logs are in /var/log/syslog [doc], but Debian keeps auth and authpriv, and so sshd's lines, out of that file.
# Without them nobody could see which key a tenant offers. In rsyslog's old form, which takes the file's owner and mode
# from the settings before it. Written only when it changes: each restart of rsyslog is a moment without a log.
rule_new=$(mktemp)
cat >"$rule_new" <<END
# From the Sallyport appliance kit: what sshd says of its clients belongs to the appliance's log.
:programname, startswith, "sshd" -$syslog
END
if ! cmp -s "$rule_new" "$syslog_rule"; then
  place "$syslog_rule" 0644 <"$rule_new"
  if [ -z "$prefix" ] && command -v rsyslogd >/dev/null && ! rsyslogd -N1 >/dev/null 2>&1; then
    rm -f "$syslog_rule" "$rule_new"
    fail 'rsyslog refuses the rule for sshd; its configuration is without it'
  fi
  restart_rsyslog
fi
rm -f "$rule_new"

# What sshd refuses must not stay: at its next start nobody could log in any more, not even to repair it.
snippet_before=$(mktemp)
had_snippet=no
if [ -e "$sshd_snippet" ]; then cp "$sshd_snippet" "$snippet_before" && had_snippet=yes; fi
give_up_snippet() {
  if [ $had_snippet = yes ]; then place "$sshd_snippet" 0644 <"$snippet_before"; else rm -f "$sshd_snippet"; fi
  rm -f "$snippet_before"
  fail "$1; its configuration is as it was"
}
place "$sshd_snippet" 0644 <<END
# Tenants of the Sallyport appliance kit: a key, their own loopback ports, the registrar; nothing else.
Match User $connect_user
  AuthenticationMethods publickey
  PubkeyAuthentication yes
  PasswordAuthentication no
  KbdInteractiveAuthentication no
  AuthorizedKeysFile none
  TrustedUserCAKeys none
  AuthorizedPrincipalsFile none
  AuthorizedKeysCommand $program/authorized-keys %k
  AuthorizedKeysCommandUser $keys_user
  AllowTcpForwarding remote
  PermitOpen none
  GatewayPorts no
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

if [ -z "$prefix" ] || [ -e "$prefix/etc/ssh/sshd_config" ]; then
  mkdir -p /run/sshd
  main=$prefix/etc/ssh/sshd_config
  /usr/sbin/sshd -t -f "$main" || give_up_snippet 'sshd refuses its configuration, see above'
  /usr/sbin/sshd -T -f "$main" -C user=$connect_user,host=x,addr=127.0.0.1 |
    grep -qxF "authorizedkeyscommand $program/authorized-keys %k" ||
    give_up_snippet "$main does not take our settings for $connect_user: it lacks 'Include /etc/ssh/sshd_config.d/*.conf', or sets others before it"
fi
rm -f "$snippet_before"

sudo_new=$(mktemp)
{
  echo "# $admin administers the appliance with these commands, and gets nothing else from here."
  for command in $commands; do echo "$admin ALL=(root) NOPASSWD: $sbin/$command, $bin/$command"; done
} >"$sudo_new"
if command -v visudo >/dev/null && ! visudo -cqf "$sudo_new"; then
  rm -f "$sudo_new"
  fail 'sudo refuses the rule for the ke_ commands'
fi
place "$sudo_snippet" 0440 <"$sudo_new"
rm -f "$sudo_new"

reload_sshd
echo "installed into $program; identity $(sed -n 's/.*"applianceId": "\(.*\)".*/\1/p' "$config")"
