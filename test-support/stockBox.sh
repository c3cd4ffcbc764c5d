#!/bin/sh
# The first process of a stock box: puts a Debian as its packages ship it over this machine's file system, moves into
# it, and then only reaps. Ends, and with it everything in the box, when its stdin does.
#
#   stockBox.sh FOLDER HOSTNAME SHARED PREPARED   in mount, PID, network and UTS namespaces of its own
#
# SHARED is a folder of this machine that has the same path inside, or empty. PREPARED is a folder of prepareBox.ts, with
# whose files the box starts, or empty.
set -eu
umask 022
folder=$1 hostname=$2 shared=$3 prepared=$4
mount --make-rprivate /
mount -t tmpfs -o mode=0755 stock-box "$folder"
# prepareBox.ts finds the upper layer through this descriptor of the first process.
exec 3<"$folder"
mkdir "$folder/work" "$folder/root"
if [ -n "$prepared" ]; then
  # Locked until the box ends, because a prepared box is not deleted while a box uses it.
  exec 4<"$prepared/lock"
  flock --shared 4
  tar -C "$folder" --numeric-owner --acls --xattrs --xattrs-include='*' -xpf "$prepared/small.tar"
else
  mkdir "$folder/upper" "$folder/local" "$folder/log" "$folder/dev"
fi
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" stock-box "$folder/root"
cd "$folder/root"

hide() { mount -t tmpfs -o "mode=${2-0755}" stock-box "$1"; }
# Hides with the large files of the prepared box, which are not copied.
hide_large() {
  mkdir "$folder/$1" "$folder/$1.work"
  mount -t overlay -o "lowerdir=$prepared/$1,upperdir=$folder/$1,workdir=$folder/$1.work" stock-box "$1"
}
for path in *; do
  case $path in
    bin | boot | etc | lib* | proc | sbin | sys | usr | var) continue ;;
    tmp) hide tmp 1777 ;;
    root) hide root 0700 ;;
    dev) mount --bind "$folder/dev" dev ;;
    *)
      if [ ! -d "$path" ] || [ -L "$path" ]; then continue; fi
      if [ -n "$prepared" ] && [ -d "$prepared/$path" ]; then hide_large "$path"; else hide "$path"; fi ;;
  esac
done
mount --bind "$folder/local" usr/local
mount --bind "$folder/log" var/log
hide var/tmp 1777
if [ -n "$shared" ]; then
  mkdir -p ".$shared"
  mount --bind "$shared" ".$shared"
fi
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys

# Makes the Debian of this machine one as its packages ship it. A prepared box has the result.
make_stock() {
  mkdir usr/local/bin usr/local/sbin usr/local/lib usr/local/etc usr/local/share
  # Debian 12 has no Node that the kit could run with.
  for path in usr/bin/node usr/bin/nodejs; do rm -f "$path"; done

  for device in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 0666 "dev/${device%:*}" c 1 "${device#*:}"; done
  mknod -m 0666 dev/tty c 5 0
  mkdir dev/pts
  mkdir -m 1777 dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  for stream in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${stream#*:}" "dev/${stream%:*}"; done

  # What earlier installations and people left on this machine: accounts, keys, settings.
  own='connect|sallyport|sallyport-connect'
  for file in passwd group; do
    awk -F: -v own="^($own)\$" '$1 !~ own && ($3 < 1000 || $3 > 65000)' "/etc/$file" >"etc/$file"
  done
  for pair in passwd:shadow group:gshadow; do
    awk -F: 'NR == FNR { known[$1]; next } $1 in known' "etc/${pair%:*}" "/etc/${pair#*:}" >"etc/${pair#*:}"
  done
  find etc var/lib -xdev \( -name '*sallyport*' -o -name '*kloudless*' \) -prune -exec rm -rf {} +
  rm -rf etc/ssh/ssh_host_* etc/ssh/sshd_config.d/* etc/rsyslog.d/* etc/environment
  find etc/sudoers.d -type f ! -name README -exec rm -f {} +
  cp usr/share/openssh/sshd_config etc/ssh/sshd_config
  : >etc/resolv.conf
}
if [ -z "$prepared" ]; then make_stock; fi
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
echo "$hostname" >etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$hostname" >etc/hosts

mkdir old_root 2>/dev/null || true
pivot_root . old_root
cd /
umount -l /old_root
hostname "$hostname"
echo ready
exec perl -e '$SIG{CHLD} = "IGNORE"; 1 while sysread STDIN, $_, 4096'
