#include "client.h"

/*
 * Asks the observer, and passes on its answer. The observer's first line is `exit CODE LENGTH` or `exit CODE -`, see
 * observer/answers.ts. Exits with `not_served` and prints nothing if no observer runs, if it was stopped, or if it stays
 * silent too long, so that the caller can do the work itself.
 */
enum { not_served = 69, failed = 1, turned_away = -1 };
enum { patience_ms = 30000, check_ms = 2000, pause_ms = 200, silence_ms = 20000, max_request = 1024 };

/* How long the observer may still be silent before its answer begins. */
static long patience;
static char answer[max_line];
static char request[max_request];

/* A word of the request must not end it, or begin another one. */
static int is_plain(const char *word) {
  if (*word == 0) return 0;
  for (; *word != 0; word += 1)
    if (*word <= ' ' || *word == 127) return 0;
  return 1;
}

static int build_request(char **words, long count) {
  begin_request(request, sizeof request, words[0]);
  for (long index = 1; index < count; index += 1) {
    if (!is_plain(words[index])) return 0;
    append(request, sizeof request, words[index]);
    if (index + 1 < count) append(request, sizeof request, " ");
  }
  size length = text_length(request);
  if (length + 2 >= sizeof request) return 0;
  if (count == 1) request[length - 1] = 0;
  append(request, sizeof request, "\n");
  return 1;
}

static long number_at(const char *text, size length, size *at) {
  long number = 0;
  size start = *at;
  for (; *at < length && text[*at] >= '0' && text[*at] <= '9'; *at += 1) number = number * 10 + (text[*at] - '0');
  return *at == start ? -1 : number;
}

/* Whether the process at the other end was stopped or has ended. One that can't be seen counts as stopped. */
static int is_stopped(int fd) {
  struct credentials peer = {0, 0, 0};
  unsigned length = sizeof peer;
  if (system_call(nr_getsockopt, fd, of_socket, peer_credentials, (long)&peer, (long)&length, 0) != 0) return 1;
  char path[48] = "/proc/";
  append_number(path, sizeof path, peer.process);
  append(path, sizeof path, "/stat");
  result file = system_call(nr_openat, -1, (long)path, close_on_exec, 0, 0, 0);
  if (file < 0) return 1;
  char text[256];
  int end = read_some((int)file, text, sizeof text);
  close_file((int)file);
  /* The state follows the name, which may have parentheses too. */
  for (int at = end - 3; at > 0; at -= 1)
    if (text[at] == ')') return text[at + 2] == 'T' || text[at + 2] == 't' || text[at + 2] == 'Z';
  return 1;
}

/*
 * Waits until there is something to read. A busy observer answers all who wait with one look, and so late is better than
 * a Node for each of them. Returns 0 if it was stopped, or if the patience is used up.
 */
static int wait_patiently(int fd) {
  struct watched socket = {fd, can_read, 0};
  for (; patience > 0; patience -= check_ms) {
    if (wait_for(&socket, 1, check_ms) != 0) return 1;
    if (is_stopped(fd)) return 0;
  }
  return 0;
}

static int wait_for_more(int fd) {
  struct watched socket = {fd, can_read, 0};
  return wait_for(&socket, 1, silence_ms);
}

/* Reads more of the answer after `wait`. Negative after a silence or an error, 0 at the end. */
static long read_more(int fd, size start, int (*wait)(int fd)) {
  for (;;) {
    if (wait(fd) == 0) return -1;
    int got = read_some(fd, answer + start, sizeof answer - start);
    if (!is_retryable(got)) return got;
  }
}

/* The length of the line at the start of the answer, with its end. Otherwise like `read_more`. Reads as much as it needs. */
static long take_line(int fd, size *length) {
  for (size at = 0;; at += 1) {
    while (at >= *length) {
      long got = *length < sizeof answer ? read_more(fd, *length, wait_patiently) : -1;
      if (got <= 0) return got;
      *length += (size)got;
    }
    if (answer[at] == '\n') return (long)at + 1;
  }
}

/* A full disk must not look like success. The text is that of the commands that do their work themselves. */
static int report_lost(result error) {
  static const char full[] = "ke: COMMAND_FAILED: the output can\xe2\x80\x99t be written: ENOSPC\n";
  static const char other[] = "ke: COMMAND_FAILED: the output can\xe2\x80\x99t be written\n";
  if (error == no_space) system_call(nr_write, 2, (long)full, sizeof full - 1, 0, 0, 0);
  else system_call(nr_write, 2, (long)other, sizeof other - 1, 0, 0, 0);
  return 0;
}

static int print(int to, const char *from, size length) {
  while (length > 0) {
    result written = system_call(nr_write, to, (long)from, (long)length, 0, 0, 0);
    if (written == interrupted) continue;
    if (written == again) {
      struct watched reader = {to, can_write, 0};
      wait_for(&reader, 1, -1);
      continue;
    }
    if (written <= 0) return report_lost(written);
    from += written;
    length -= (size)written;
  }
  return 1;
}

/* Passes on what follows the first line: `left` bytes, or all until the observer ends if it is negative. */
static int pass_on(int fd, int to, size start, size length, long left) {
  for (;;) {
    size have = length - start;
    if (left >= 0 && (long)have > left) have = (size)left;
    if (have > 0 && !print(to, answer + start, have)) return failed;
    if (left >= 0 && (left -= (long)have) == 0) return 0;
    long got = read_more(fd, 0, wait_for_more);
    if (got <= 0) return failed;
    start = 0;
    length = (size)got;
  }
}

static int take_answer(int fd) {
  size length = 0;
  long line = take_line(fd, &length);
  /* It has too many clients at the moment, or has just ended. */
  if (line == 0 && length == 0) return turned_away;
  if (line != 6 + nonce_length + 1 || !starts_with(answer, length, "hello ")) return not_served;
  if (!send_all(fd, request, text_length(request))) return not_served;
  /* Nothing follows the first line before the request. */
  length = 0;
  line = take_line(fd, &length);
  if (line <= 0 || !starts_with(answer, length, "exit ")) return not_served;
  size at = 5;
  long code = number_at(answer, (size)line, &at);
  if (code < 0 || code > 255 || code == not_served || answer[at] != ' ') return not_served;
  at += 1;
  long left = answer[at] == '-' ? -1 : number_at(answer, (size)line, &at);
  int passed = pass_on(fd, code == 0 ? 1 : 2, (size)line, length, left);
  return code != 0 ? (int)code : passed;
}

int ask_observer(const char *socket_path, char **words, long count) {
  if (count < 1 || !build_request(words, count)) return not_served;
  for (patience = patience_ms; patience > 0; patience -= pause_ms) {
    int fd = connect_to(socket_path, stream_socket);
    if (fd < 0) return not_served;
    int status = take_answer(fd);
    close_file(fd);
    if (status != turned_away) return status;
    sleep_ms(pause_ms);
  }
  return not_served;
}
