#include "client.h"

/*
 * Connects a tenant's session channel with the service. When the service restarts, it connects again with its latest
 * ticket. Ends when its parent ends, which is the session's sshd.
 *
 * The service sends lines. A line that starts with `{` goes to the tenant unchanged; all others are for this program.
 */
enum { max_up = 16 * 1024, handshake_ms = 30000, first_pause_ms = 50, max_pause_ms = 1000, farewell_ms = 3000 };
enum outcome { lost, refused, over };

static char up[max_up];      /* from the tenant, not yet sent */
static char down[max_line];  /* from the service, an incomplete line */
static char out[max_line];   /* for the tenant, not yet written */
static size up_start, up_end, down_length, out_start, out_end;
static int is_input_over, is_shut, is_within_line, is_skipping, is_welcome, has_previous;
static char ticket[ticket_length + 1], previous_ticket[ticket_length + 1];

/* Ends the sshd of this session, which runs as the same user. This closes the tenant's connection and its forwards. */
static void expel(void) {
  system_call(nr_kill, system_call(nr_getppid, 0, 0, 0, 0, 0, 0), term_signal, 0, 0, 0, 0);
  end_program(1);
}

static void queue_for_tenant(const char *line, size length) {
  if (out_start == out_end) out_start = out_end = 0;
  /* The buffer is full: the client sends but doesn't read. */
  if (length > sizeof out - out_end) expel();
  copy_bytes(out + out_end, line, length);
  out_end += length;
}

static void write_to_tenant(void) {
  result written = system_call(nr_write, 1, (long)(out + out_start), (long)(out_end - out_start), 0, 0, 0);
  if (written > 0) out_start += (size)written;
  else if (!is_retryable(written)) end_program(1);
}

static void flush_and_end(int status) {
  while (out_start < out_end) {
    struct watched tenant = {1, can_write, 0};
    if (wait_for(&tenant, 1, farewell_ms) == 0) break;
    write_to_tenant();
  }
  end_program(status);
}

static void introduce_ourselves(int fd, char *nonce, const char *connection) {
  static char request[512];
  take_name(nonce);
  begin_request(request, sizeof request, "session");
  append(request, sizeof request, ticket);
  append(request, sizeof request, " ");
  append(request, sizeof request, connection);
  request[sizeof request - 2] = 0;
  append(request, sizeof request, "\n");
  send_all(fd, request, text_length(request));
}

/* `length` includes the line end. */
static enum outcome take_line(int fd, char *line, size length, const char *connection) {
  if (line[0] == '{') {
    queue_for_tenant(line, length);
    return over;
  }
  line[length - 1] = 0;
  if (length == 6 + nonce_length + 1 && starts_with(line, length, "hello ")) {
    introduce_ourselves(fd, line + 6, connection);
  } else if (length == 7 + ticket_length + 1 && starts_with(line, length, "ticket ")) {
    copy_bytes(previous_ticket, ticket, sizeof ticket);
    copy_bytes(ticket, line + 7, ticket_length);
    has_previous = is_welcome = 1;
    take_name("sallyport-link");
  } else if (starts_with(line, length, "refused")) {
    return refused;
  } else if (starts_with(line, length, "expel")) {
    expel();
  } else if (starts_with(line, length, "end")) {
    flush_and_end(0);
  }
  return over;
}

static enum outcome read_from_service(int fd, const char *connection) {
  int got = read_some(fd, down + down_length, sizeof down - down_length);
  if (is_retryable(got)) return over;
  if (got <= 0) return lost;
  down_length += (size)got;
  size start = 0;
  for (size index = 0; index < down_length; index += 1) {
    if (down[index] != '\n') continue;
    enum outcome outcome = take_line(fd, down + start, index + 1 - start, connection);
    if (outcome != over) return outcome;
    start = index + 1;
  }
  copy_bytes(down, down + start, down_length - start);
  down_length -= start;
  return down_length == sizeof down ? lost : over;
}

/* Drops the rest of a line whose start an earlier service has read. It would look like a complete line. */
static void skip_cut_line(void) {
  while (is_skipping && up_start < up_end)
    if (up[up_start++] == '\n') is_skipping = 0;
}

static void read_from_tenant(void) {
  int got = read_some(0, up, sizeof up);
  if (is_retryable(got)) return;
  up_start = 0;
  up_end = got > 0 ? (size)got : 0;
  if (got <= 0) is_input_over = 1;
  skip_cut_line();
}

static enum outcome write_to_service(int fd) {
  result sent = system_call(nr_sendto, fd, (long)(up + up_start), (long)(up_end - up_start), no_signal | dont_wait, 0, 0);
  if (is_retryable(sent)) return over;
  if (sent <= 0) return lost;
  up_start += (size)sent;
  is_within_line = up[up_start - 1] != '\n';
  return over;
}

static enum outcome relay(int fd, const char *connection) {
  for (;;) {
    if (is_welcome && is_input_over && up_start == up_end && !is_shut) {
      system_call(nr_shutdown, fd, 1, 0, 0, 0, 0);
      is_shut = 1;
    }
    int has_up = is_welcome && up_start < up_end;
    int wants_up = is_welcome && !has_up && !is_input_over;
    struct watched watched[3] = {
        {fd, (short)(can_read | (has_up ? can_write : 0)), 0},
        {wants_up ? 0 : -1, can_read, 0},
        {out_start < out_end ? 1 : -1, can_write, 0},
    };
    if (wait_for(watched, 3, is_welcome ? -1 : handshake_ms) == 0) {
      if (is_welcome) continue;
      return lost;
    }
    if (watched[2].seen != 0) write_to_tenant();
    if (watched[0].seen & (can_read | has_failed | has_hung_up)) {
      enum outcome outcome = read_from_service(fd, connection);
      if (outcome != over) return outcome;
    }
    if ((watched[0].seen & can_write) && write_to_service(fd) == lost) return lost;
    if (watched[1].seen != 0) read_from_tenant();
  }
}

static void set_nonblocking(int fd) {
  result flags = system_call(nr_fcntl, fd, 3, 0, 0, 0, 0);
  if (flags >= 0) system_call(nr_fcntl, fd, 4, flags | 04000, 0, 0, 0);
}

/* Try the older ticket too: it is still valid if the service ended before it stored the new one. */
static int fall_back(void) {
  if (!has_previous) return 0;
  has_previous = 0;
  copy_bytes(ticket, previous_ticket, sizeof ticket);
  return 1;
}

int hold_session(const char *socket_path, char *given, const char *connection) {
  if (text_length(given) != ticket_length) return 2;
  copy_bytes(ticket, given, ticket_length);
  for (size index = 0; index < ticket_length; index += 1) given[index] = '-';
  result parent = system_call(nr_getppid, 0, 0, 0, 0, 0, 0);
  system_call(nr_prctl, 1, term_signal, 0, 0, 0, 0);
  system_call(nr_prctl, 4, 0, 0, 0, 0, 0);
  if (system_call(nr_getppid, 0, 0, 0, 0, 0, 0) != parent) return 1;
  set_nonblocking(0);
  set_nonblocking(1);
  long pause = first_pause_ms;
  for (;;) {
    int fd = connect_to(socket_path, stream_socket);
    enum outcome outcome = lost;
    is_welcome = is_shut = 0;
    down_length = 0;
    if (fd >= 0) {
      outcome = relay(fd, connection);
      close_file(fd);
    }
    if (is_welcome) pause = first_pause_ms;
    if (is_within_line) is_skipping = 1;
    is_within_line = 0;
    skip_cut_line();
    if (outcome == refused && !fall_back()) return 1;
    /* All clients reconnect after a restart of the service. Use the process ID to spread them over the pause. */
    sleep_ms(pause / 2 + parent * 7 % (pause / 2 + 1));
    if (pause < max_pause_ms) pause *= 2;
  }
}
