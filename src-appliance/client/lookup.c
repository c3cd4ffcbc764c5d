#include "client.h"

/*
 * Asks the service for the authorized_keys line of the offered key, and prints the complete line or nothing. The
 * timeout is longer than a restart of the service. After an error, sshd refuses the login.
 */
enum { tries = 30, pause_ms = 100, answer_ms = 30000, max_answer = 512 * 1024, max_request = 32 * 1024 };

/* Results of a request besides an exit status. */
enum { lost = -1, too_slow = -2 };

static char answer[max_answer];
static char request[max_request];

/* Reads until the peer closes, or only one line. Negative after an error or a timeout. */
static long read_answer(int fd, int line_only) {
  size length = 0;
  while (length < sizeof answer) {
    struct watched socket = {fd, can_read, 0};
    if (wait_for(&socket, 1, answer_ms) == 0) return too_slow;
    int got = read_some(fd, answer + length, sizeof answer - length);
    if (is_retryable(got)) continue;
    if (got < 0) return lost;
    if (got == 0) return line_only ? lost : (long)length;
    length += (size)got;
    if (line_only && answer[length - 1] == '\n') return (long)length;
  }
  return lost;
}

static int print(const char *from, size length) {
  while (length > 0) {
    result written = system_call(nr_write, 1, (long)from, (long)length, 0, 0, 0);
    if (is_retryable(written)) continue;
    if (written <= 0) return 0;
    from += written;
    length -= (size)written;
  }
  return 1;
}

/* Returns the exit status, or one of the results above. */
static int ask(const char *socket_path, const char *key_blob) {
  static const char yes[] = "yes ";
  int fd = connect_to(socket_path, stream_socket);
  if (fd < 0) return lost;
  int status = lost;
  long length = read_answer(fd, 1);
  if (length == 6 + nonce_length + 1 && starts_with(answer, (size)length, "hello ")) {
    answer[length - 1] = 0;
    take_name(answer + 6);
    begin_request(request, sizeof request, "lookup");
    append(request, sizeof request, key_blob);
    append(request, sizeof request, "\n");
    length = send_all(fd, request, text_length(request)) ? read_answer(fd, 0) : lost;
    if (length > 0 && answer[length - 1] == '\n') {
      if (starts_with(answer, (size)length, "no")) status = 0;
      if (starts_with(answer, (size)length, yes))
        status = print(answer + sizeof yes - 1, (size)length - (sizeof yes - 1)) ? 0 : 1;
    }
  }
  close_file(fd);
  return length == too_slow ? too_slow : status;
}

int look_up(const char *socket_path, const char *log_path, const char *key_blob) {
  for (int index = 0; index < tries; index += 1) {
    int status = ask(socket_path, key_blob);
    if (status >= 0) return status;
    /* Don't ask again: the service has this request and is busy. */
    if (status == too_slow) break;
    sleep_ms(pause_ms);
  }
  write_log(log_path,
            "login refused: the sallyport service does not answer; see ke_status, start it with "
            "'service sallyport start'");
  return 1;
}
