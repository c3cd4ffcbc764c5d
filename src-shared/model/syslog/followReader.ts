/**
 * The part of `followScript.ts` that stays with an open log, in Perl: it waits in one process, where the shell starts
 * a dozen programs for each line. Debian's `perl-base`, which every Debian has, suffices. Where there is no Perl, the
 * shell does the same.
 *
 * It inherits the log as descriptor 3, the file before it as 4 and the output as 1; the mark comes by the environment,
 * because arguments are visible to other users. Arguments: LOG DEV INO START HAS_SECOND START STAMP MOST GZIP.
 */
export const followReader = String.raw`use strict;
my ($log, $dev3, $ino3, $at3, $has4, $at4, $stamp, $most, $gzip) = @ARGV;
my $mark = delete $ENV{mark};
my $beat = 15;
my $pause = 0.1;
my $longest = 0.25;
open(my $file3, "<&=", 3) && open(my $file4, "<&=", 4) or exit 1;
my ($folder, $base) = $log =~ m{^(.*)/([^/]+)\z}s or exit 1;
my ($size3, $size4, $named, $length);

sub put {
  my ($out, $bytes) = @_;
  my $at = 0;
  while ($at < length $bytes) {
    my $count = syswrite $out, $bytes, length($bytes) - $at, $at;
    exit 0 unless $count;
    $at += $count;
  }
}
sub emit { put(\*STDOUT, "\n\@$mark @_\n") }
sub stop { emit(@_); exit 0 }

# The digits of sha256sum, which a small Perl has no module for. Asked only for bytes that were not the last ones.
my %digests;
sub digest {
  my ($name, $bytes) = @_;
  return $digests{$name}[1] if $digests{$name} && $digests{$name}[0] eq $bytes;
  pipe(my $from, my $to) or exit 1;
  my $pid = open(my $answer, "-|");
  exit 1 unless defined $pid;
  if ($pid == 0) {
    close $to;
    open(STDIN, "<&", $from) && exec "sha256sum";
    exit 1;
  }
  close $from;
  put($to, $bytes);
  close $to;
  my ($digits) = (<$answer> // "") =~ /^([0-9a-f]{64})/;
  close $answer;
  stop("fail read sha256sum gives no hash") unless defined $digits;
  $digests{$name} = [$bytes, $digits];
  return $digits;
}

# The same as set_stamp of the shell: the names and inodes of the log and of what may be rotated files, in its order.
sub stamp {
  my $dir;
  my @names = opendir($dir, $folder eq "" ? "/" : $folder) ? sort readdir $dir : ();
  my $text = "";
  for my $path ($log, (map { "$folder/$_" } grep { /^\Q$base\E\.[0-9]/ } @names),
      (map { "$folder/$_" } grep { /^\Q$base\E-[0-9]/ } @names)) {
    my @facts = lstat $path or next;
    $text .= "$facts[0] $facts[1] $path\n";
  }
  return digest("stamp", $text);
}

sub look {
  my @facts3 = stat $file3;
  my @facts4 = stat $file4;
  stop("fail read the open file cannot be examined") unless @facts3 && @facts4;
  my @facts = stat $log;
  ($size3, $size4, $named) = ($facts3[7], $facts4[7], @facts ? "$facts[0]:$facts[1]" : "-");
}

sub copy {
  my ($out, $file, $from, $left) = @_;
  sysseek $file, $from, 0;
  while ($left > 0) {
    sysread $file, my $bytes, $left < 65536 ? $left : 65536 or last;
    put($out, $bytes);
    $left -= length $bytes;
  }
}

sub send_bytes {
  my ($number, $file, $from, $to) = @_;
  $length = $to - $from < $most ? $to - $from : $most;
  my $sent = $from + $length;
  if ($gzip && $length > 1024) {
    emit("data $number $from $length gzip");
    open(my $packed, "|-", "gzip", "-1", "-c") or exit 1;
    copy($packed, $file, $from, $length);
    close $packed;
  } else {
    emit("data $number $from $length plain");
    copy(\*STDOUT, $file, $from, $length);
  }
  # The sizes come before the hash: a file that is cut in between has another hash.
  look();
  my $hashed = $sent < 1024 ? $sent : 1024;
  sysseek $file, 0, 0;
  sysread $file, my $head, $hashed;
  my $now = $number == 3 ? $size3 : $size4;
  emit("seen $number $sent $now $hashed " . time . " " . digest($number, $head));
  return $sent;
}

# Waits until there is more to say, or for a beat. Counts its pauses, because the clock may be set.
sub wait_for_more {
  for (1 .. $beat / $pause) {
    select undef, undef, undef, $pause;
    look();
    return if $size3 != $at3 || ($has4 && $size4 != $at4) || $named ne $_[0];
  }
  stop("moved $named") if stamp() ne $stamp;
  emit("beat " . time . " $named");
}

my $moved = 0;
my $shown = "";
my $wait = $pause;
look();
while (1) {
  stop("cut 3 $size3") if $size3 < $at3;
  stop("cut 4 $size4") if $has4 && $size4 < $at4;
  if ($has4 && $size4 > $at4) {
    $at4 = send_bytes(4, $file4, $at4, $size4);
  } elsif ($size3 > $at3) {
    $at3 = send_bytes(3, $file3, $at3, $size3);
  } elsif ($named ne "-" && $named ne "$dev3:$ino3") {
    # The old file may have got a line after its size was read and before the new one was there.
    stop("moved $named") if $moved;
    $moved = 1;
    look();
    next;
  } else {
    if ($shown ne $named) {
      $shown = $named;
      stop("moved $named") if stamp() ne $stamp;
      emit("idle " . time . " $named");
    }
    wait_for_more($shown);
    $wait = $pause;
    next;
  }
  $moved = 0;
  # A full chunk is followed by the next one at once. Otherwise wait for some lines, longer while they keep coming:
  # more of them are smaller together.
  if ($length < $most) {
    select undef, undef, undef, $wait;
    $wait = $wait * 2 < $longest ? $wait * 2 : $longest;
    look();
  }
}
`;
