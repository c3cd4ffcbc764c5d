import { followReader } from './followReader.ts';

/**
 * The shell script that reads a log and its rotated files on an appliance. It needs a POSIX shell, coreutils (or
 * BusyBox), /proc, and the programs that logrotate compressed with; Perl, if it is there, makes waiting cheap. A plain server gets it as an argument of `sh -c`;
 * the kit installs it for `ke_syslog`. Its arguments: RULE LOG TOKEN, then one of
 *
 *   survey                                        lists the log and its rotated files
 *   read end DEV INO START                        sends a plain file
 *   read STAMP DEV INO START [DEV INO START]      sends a plain file and what is written later, until the names of
 *                                                 the files change from those of the survey with this stamp
 *   archive DEV INO SIZE MTIME START              sends a compressed file, if it still has that size and time
 *
 * A file is named by device and inode, so that a rename between two calls does no harm and no path is accepted. With
 * the RULE `strict`, symbolic links are refused. The output is described in `frames.ts` of the console.
 */
export const followScript = `set -uf
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec 5>&1 1>&2 </dev/null
[ $# -ge 4 ] || set -- x x x x

# Frames: a blank line end, @MARK and words; what follows until the next frame belongs to it. The mark is made here,
# because arguments are visible to other users, who could write it into the log.
mark=$3
emit() { printf '\\n@%s %s\\n' "$mark" "$*" >&5 || exit 0; }
stop() {
  emit "$@"
  exit 0
}

refuse() {
  echo 'ke_syslog: INVALID_INPUT: unknown arguments of --files' >&2
  exit 2
}

rule=$1
log=$2
case $log in /*) ;; *) refuse ;; esac
case $rule in strict) follow_links= ;; lax) follow_links=-L ;; *) refuse ;; esac
case $mark in '' | *[!0-9a-f]*) refuse ;; esac
shift 3

words=$*
set -- $(od -An -v -N16 -tx4 /dev/urandom)
[ $# = 4 ] || exit 1
emit "hello 1 $1$2$3$4 $(date '+%s %z')"
mark=$1$2$3$4
set -- $words
for tool in stat dd head od tail sha256sum timeout sleep; do
  command -v $tool >/dev/null || stop "fail tool $tool is not installed"
done
[ -e /proc/self/fd/5 ] || stop 'fail tool /proc is not mounted'
[ "$(printf abcdef | dd bs=64 iflag=skip_bytes,count_bytes skip=2 count=2 2>/dev/null)" = cd ] ||
  stop 'fail tool dd does not know skip_bytes and count_bytes'
gzip=
if command -v gzip >/dev/null; then gzip=yes; fi

is_number() {
  case $1 in '' | *[!0-9]* | ????????????????????*) return 1 ;; esac
}

# Sets the packing and its program from the name of a file.
set_packing() {
  case $1 in
    *.gz) packing=gz unpacker=gzip ;;
    *.xz) packing=xz unpacker=xz ;;
    *.zst) packing=zst unpacker=zstd ;;
    *.bz2) packing=bz2 unpacker=bzip2 ;;
    *) packing=plain unpacker=cat ;;
  esac
}

# Calls $1 with the end of the name and the path of the log and of each file that logrotate may have made of it.
each_file() {
  action=$1
  set_packing ''
  "$action" '' "$log"
  set +f
  set -- "$log".[0-9]* "$log"-[0-9]*
  set -f
  left=500
  for path; do
    name=$\{path#"$log"}
    set_packing "$name"
    stem=$\{name#?}
    if [ $packing != plain ]; then stem=$\{stem%.*}; fi
    case $stem in *[!0-9_T-]*) continue ;; esac
    [ $left -gt 0 ] || stop 'fail many there are more than 500 rotated files'
    left=$((left - 1))
    "$action" "$name" "$path"
  done
}

# Whether descriptor $1 is the file that is named $2 and has the device and inode $3 and $4. With the rule strict, a
# link has another inode than the file that it leads to.
is_opened() {
  [ -f "$2" ] || return 1
  set -- "$3 $4" $(
    stat -L -c '%d %i' /proc/self/fd/$1
    stat $follow_links -c '%d %i' -- "$2"
  )
  [ $# = 5 ] && [ "$2 $3" = "$1" ] && [ "$4 $5" = "$1" ]
}

# Describes the file that is open as descriptor 3.
describe_opened() {
  set -- "$1" $(
    stat -L -c '%d %i %s %Y' /proc/self/fd/3
    stat $follow_links -c '%d %i' -- "$2"
  )
  [ $# = 7 ] && [ "$2 $3" = "$6 $7" ] || return 0
  described=yes
  if ! command -v $unpacker >/dev/null; then
    emit "bad =$1 $2 $3 no-unpacker $unpacker is not installed"
    return 0
  fi
  file="=$1 $2 $3"
  rest="$4 $5 $packing"
  set -- $(read_head | od -An -v -tx1)
  if [ $# = 0 ] && [ $packing != plain ] && ! $unpacker -dc </proc/self/fd/3 >/dev/null 2>&1; then
    emit "bad $file corrupt $unpacker cannot unpack it"
  else
    emit "file $file $rest $*"
  fi
}
read_head() {
  if [ $packing = plain ]; then exec head -c 1024 </proc/self/fd/3; fi
  $unpacker -dc </proc/self/fd/3 2>/dev/null | head -c 1024
}

# Sets stamp to a hash of the names and inodes. If they change during a survey, a file may have been missed.
set_stamp() {
  set +f
  stamp=$(stat -c '%d %i %n' -- "$log" "$log".[0-9]* "$log"-[0-9]* 2>/dev/null | sha256sum)
  set -f
  stamp=$\{stamp%%[!0-9a-f]*}
}

say_bad() {
  found=$(stat -c '%d %i' -- "$2" 2>/dev/null)
  emit "bad =$1 $\{found:-0 0} $3 $4"
}
why_unread() {
  head -c 1 -- "$1" 2>&1 >/dev/null
}
describe() {
  described=no
  if [ $rule = strict ] && [ -L "$2" ]; then
    say_bad "$1" "$2" refused "$2 is a symbolic link"
  elif [ ! -e "$2" ]; then
    # Without the right to enter its folder, it is not missing.
    why=
    [ -n "$1" ] || why=$(why_unread "$2")
    case $why in
      '') say_bad "$1" "$2" vanished 'it was renamed' ;;
      *'No such file or directory'*) say_bad "$1" "$2" missing "$2 does not exist" ;;
      *) say_bad "$1" "$2" unreadable "$why" ;;
    esac
  elif [ ! -f "$2" ]; then
    say_bad "$1" "$2" refused "$2 is not a regular file"
  elif describe_opened "$1" "$2" 2>/dev/null 3<"$2"; then
    # Renamed while it was opened: the console surveys again.
    [ $described = yes ] || say_bad "$1" "$2" vanished 'it was renamed'
  elif [ -e "$2" ]; then
    say_bad "$1" "$2" unreadable "$(why_unread "$2")"
  else
    say_bad "$1" "$2" vanished 'it was renamed'
  fi
}

# Sets opened and packing if the file $2 is the one with the device and inode \`wanted\`.
match() {
  [ -z "$opened" ] && [ -f "$2" ] || return 0
  [ "$(stat $follow_links -c '%d %i' -- "$2" 2>/dev/null)" = "$wanted" ] || return 0
  opened=$2
  opened_packing=$packing
}
find_file() {
  is_number "$1" && is_number "$2" || refuse
  wanted="$1 $2"
  opened=
  each_file match
  [ -n "$opened" ] || stop "gone $1 $2"
}

# Sets size3 and size4, and \`named\`: the file that has the log's name now, or -. With $1, also sets check: the clock,
# and the hash of the first $2 bytes of descriptor $1. The sizes come before the hash: a file that is cut in between
# has another hash.
look() {
  set -- $(
    stat -L -c '%d:%i %s' /proc/self/fd/3 /proc/self/fd/4 "$log" 2>/dev/null || echo - -
    if [ $# = 2 ]; then
      date +%s
      head -c "$2" /proc/self/fd/$1 | sha256sum
    fi
  )
  [ $# -ge 6 ] || stop 'fail read the open file cannot be examined'
  size3=$2
  size4=$4
  named=$5
  check="$\{7-} $\{8-}"
}

# Sends the bytes from $2 to before $3 of descriptor $1, at most $most, and then looks whether it is still that file.
send() {
  length=$(($3 - $2))
  [ $length -le $most ] || length=$most
  sent=$(($2 + length))
  if [ -n "$gzip" ] && [ $length -gt 1024 ]; then
    emit "data $1 $2 $length gzip"
    dd if=/proc/self/fd/$1 bs=65536 iflag=skip_bytes,count_bytes skip=$2 count=$length 2>/dev/null | gzip $level -c >&5
  else
    emit "data $1 $2 $length plain"
    dd if=/proc/self/fd/$1 bs=65536 iflag=skip_bytes,count_bytes skip=$2 count=$length 2>/dev/null >&5
  fi
  hashed=$sent
  [ $hashed -le 1024 ] || hashed=1024
  look $1 $hashed
  if [ $1 = 3 ]; then now=$size3; else now=$size4; fi
  emit "seen $1 $sent $now $hashed $check"
}

# Returns when the log has grown or after \`beat\` seconds. Nothing depends on it but the delay. tail starts at the known
# position, so that what is written before it starts wakes it too.
beat=15
wait_for_more() {
  sh -c 'echo $$; exec timeout "$1" tail -c "+$2" -F -- "$3"' sh $beat $((at3 + 1)) "$log" 3<&- 4<&- 5>&- |
    {
      read -r pid
      dd bs=65536 count=1 2>/dev/null >/dev/null
      kill "$pid" 2>/dev/null
    }
}

# Whether there is a Perl that works. Variables that would make it run other code are removed.
has_perl() {
  unset PERL5OPT PERL5LIB PERLLIB PERL5DB PERL_UNICODE PERLIO
  perl -e 'use strict; use 5.010' >/dev/null 2>&1
}
reader='${followReader}'

# Sends descriptor 3 from at3 on, and 4 (the file before it, which the writer may still hold open) from at4 on.
send_all() {
  is_opened 3 "$first" "$dev3" "$ino3" || stop "gone $dev3 $ino3"
  [ -z "$ino4" ] || is_opened 4 "$second" "$dev4" "$ino4" || stop "gone $dev4 $ino4"
  emit "opened $dev3 $ino3"
  if [ $ends != end ] && has_perl; then
    export mark
    exec perl -e "$reader" -- "$log" $dev3 $ino3 $at3 "$ino4" $at4 $ends $most "$gzip" >&5 5>&-
  fi
  moved=no
  shown=
  last_beat=0
  look
  while :; do
    [ $size3 -ge $at3 ] || stop "cut 3 $size3"
    [ -z "$ino4" ] || [ $size4 -ge $at4 ] || stop "cut 4 $size4"
    if [ -n "$ino4" ] && [ $size4 -gt $at4 ]; then
      send 4 $at4 $size4
      at4=$sent
    elif [ $size3 -gt $at3 ]; then
      send 3 $at3 $size3
      at3=$sent
    elif [ $ends = end ]; then
      stop "eof $at3"
    elif [ "$named" != - ] && [ "$named" != "$dev3:$ino3" ]; then
      # The old file may have got a line after its size was read and before the new one was there.
      [ $moved = no ] || stop "moved $named"
      moved=yes
      look
      continue
    else
      if [ "$shown" != "$named" ]; then
        shown=$named
        set_stamp
        [ $stamp = $ends ] || stop "moved $named"
        last_beat=$(date +%s)
        emit "idle $last_beat $named"
      fi
      wait_for_more 2>/dev/null
      look
      if [ $size3 -le $at3 ]; then
        # A log that was empty and is so again shows no sign of a copy that was made of it in between.
        set_stamp
        [ $stamp = $ends ] || stop "moved $named"
        now=$(date +%s)
        emit "beat $now $named"
        # It was woken for nothing.
        if [ $((now - last_beat)) -lt 2 ]; then sleep 1; fi
        last_beat=$now
      fi
      continue
    fi
    moved=no
    # A full chunk is followed by the next one at once. Otherwise wait for some lines, as each chunk costs the
    # appliance a dozen processes.
    if [ $ends != end ] && [ $length -lt $most ]; then
      sleep 1
      look
    fi
  done
}

read_files() {
  case $1 in
    end) level=-6 most=4194304 ;;
    '' | *[!0-9a-f]*) refuse ;;
    *) level=-1 most=1048576 ;;
  esac
  ends=$1
  is_number "$4" || refuse
  dev3=$2 ino3=$3 at3=$4
  ino4='' at4=0
  shift 4
  find_file "$dev3" "$ino3"
  first=$opened
  [ "$opened_packing" = plain ] || stop "gone $dev3 $ino3"
  if [ $# = 0 ]; then
    send_all 3<"$first" 4</dev/null || stop "gone $dev3 $ino3"
  fi
  [ $# = 3 ] && is_number "$3" || refuse
  dev4=$1 ino4=$2 at4=$3
  find_file "$dev4" "$ino4"
  second=$opened
  [ "$opened_packing" = plain ] || stop "gone $dev4 $ino4"
  send_all 3<"$first" 4<"$second" || stop "gone $dev4 $ino4"
}

send_archive() {
  is_opened 3 "$opened" $wanted || stop "gone $wanted"
  [ "$(stat -L -c '%d %i %s %Y' /proc/self/fd/3)" = "$wanted $size $modified" ] || stop "gone $wanted"
  emit "opened $wanted"
  if [ "$packing $1" = 'gz 0' ]; then
    emit 'data 3 0 0 gzip'
    cat <&3 >&5
    status=0
  elif [ -n "$gzip" ]; then
    emit "data 3 $1 0 gzip"
    status=$({ { $unpacker -dc <&3; echo $? >&6; } | tail -c "+$(($1 + 1))" | gzip -6 -c >&5; } 6>&1 2>/dev/null)
  else
    emit "data 3 $1 0 plain"
    status=$({ { $unpacker -dc <&3; echo $? >&6; } | tail -c "+$(($1 + 1))" >&5; } 6>&1 2>/dev/null)
  fi
  stop "end $\{status:-1}"
}
read_archive() {
  is_number "$3" && is_number "$4" && is_number "$5" || refuse
  find_file "$1" "$2"
  size=$3 modified=$4
  set_packing "$opened"
  [ $packing != plain ] || stop "gone $wanted"
  send_archive "$5" 3<"$opened" || stop "gone $wanted"
}

case "$#:$1" in
  1:survey)
    # Too many are counted before the first is described, which takes several processes each.
    each_file :
    set_stamp
    before=$stamp
    each_file describe
    set_stamp
    [ $stamp = $before ] || emit 'bad = 0 0 vanished a file was renamed during the survey'
    stop "done $(date +%s) $stamp"
    ;;
  5:read | 8:read)
    shift
    read_files "$@"
    ;;
  6:archive)
    shift
    read_archive "$@"
    ;;
  *) refuse ;;
esac
`;
