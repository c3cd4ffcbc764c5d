#include "client.h"

/*
 * sallyport-client: sshd starts it for a tenant, and commands for an administrator. It only passes data between a
 * process and the appliance's service or observer.
 *
 *   sallyport-client lookup SOCKET LOG KEY_BLOB    sshd's AuthorizedKeysCommand
 *   sallyport-client session SOCKET TICKET         the forced command
 *   sallyport-client ask SOCKET VERB [WORD...]     a command that reads, see ask.c
 */

/* The compiler may insert calls to these functions. */
void *memcpy(void *to, const void *from, size length) {
  copy_bytes(to, from, length);
  return to;
}

void *memset(void *at, int value, size length) {
  char *bytes = at;
  while (length-- > 0) *bytes++ = (char)value;
  return at;
}

size text_length(const char *text) {
  size length = 0;
  while (text[length] != 0) length += 1;
  return length;
}

int starts_with(const char *text, size length, const char *start) {
  size index = 0;
  for (; start[index] != 0; index += 1)
    if (index >= length || text[index] != start[index]) return 0;
  return 1;
}

void copy_bytes(char *to, const char *from, size length) {
  for (size index = 0; index < length; index += 1) to[index] = from[index];
}

void append(char *to, size capacity, const char *text) {
  size length = text_length(to);
  while (*text != 0 && length + 1 < capacity) to[length++] = *text++;
  to[length] = 0;
}

void append_number(char *to, size capacity, long number) {
  char digits[24];
  size index = sizeof digits - 1;
  digits[index] = 0;
  do {
    digits[--index] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0 && index > 0);
  append(to, capacity, digits + index);
}

void end_program(int status) {
  for (;;) system_call(nr_exit_group, status, 0, 0, 0, 0, 0);
}

int is_retryable(result answer) { return answer == again || answer == interrupted; }

int wait_for(struct watched *watched, int count, long milliseconds) {
  struct duration duration = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  result ready = system_call(nr_ppoll, (long)watched, count, milliseconds < 0 ? 0 : (long)&duration, 0, 0, 0);
  return ready > 0 ? (int)ready : 0;
}

void sleep_ms(long milliseconds) { wait_for(0, 0, milliseconds); }

int read_some(int fd, char *to, size capacity) {
  return (int)system_call(nr_read, fd, (long)to, (long)capacity, 0, 0, 0);
}

void close_file(int fd) { system_call(nr_close, fd, 0, 0, 0, 0, 0); }

int connect_to(const char *path, int kind) {
  struct unix_address address = {1, {0}};
  if (text_length(path) >= sizeof address.path) return -1;
  copy_bytes(address.path, path, text_length(path));
  result fd = system_call(nr_socket, 1, kind | close_on_exec, 0, 0, 0, 0);
  if (fd < 0) return -1;
  /* A process that was stopped accepts no connection; once its queue is full, this would wait forever. */
  struct microduration timeout = {connect_seconds, 0};
  system_call(nr_setsockopt, fd, of_socket, send_timeout, (long)&timeout, sizeof timeout, 0);
  if (system_call(nr_connect, fd, (long)&address, sizeof address, 0, 0, 0) == 0) return (int)fd;
  close_file((int)fd);
  return -1;
}

int send_all(int fd, const char *from, size length) {
  while (length > 0) {
    result sent = system_call(nr_sendto, fd, (long)from, (long)length, no_signal, 0, 0);
    if (sent == interrupted) continue;
    if (sent <= 0) return 0;
    from += sent;
    length -= (size)sent;
  }
  return 1;
}

void take_name(const char *name) { system_call(nr_prctl, 15, (long)name, 0, 0, 0, 0); }

void begin_request(char *request, size capacity, const char *verb) {
  request[0] = 0;
  append(request, capacity, verb);
  append(request, capacity, " ");
  append_number(request, capacity, system_call(nr_getpid, 0, 0, 0, 0, 0, 0));
  append(request, capacity, " ");
}

/* Writes in the format of syslog(3). The log adds the time. Don't use stderr, because sshd discards it. */
void write_log(const char *log_path, const char *message) {
  char line[512] = "<11>sallyport[";
  append_number(line, sizeof line, system_call(nr_getpid, 0, 0, 0, 0, 0, 0));
  append(line, sizeof line, "]: ");
  append(line, sizeof line, message);
  int fd = connect_to(log_path, datagram_socket);
  if (fd < 0) return;
  system_call(nr_sendto, fd, (long)line, (long)text_length(line), no_signal | dont_wait, 0, 0);
  close_file(fd);
}

static const char *find_variable(char **environment, const char *name) {
  size length = text_length(name);
  for (; *environment != 0; environment += 1)
    if (starts_with(*environment, text_length(*environment), name)) return *environment + length;
  return "";
}

static int is(const char *text, const char *word) {
  return text_length(text) == text_length(word) && starts_with(text, text_length(text), word);
}

__attribute__((used, noreturn)) void run(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  if (count == 5 && is(arguments[1], "lookup")) end_program(look_up(arguments[2], arguments[3], arguments[4]));
  if (count == 4 && is(arguments[1], "session"))
    end_program(hold_session(arguments[2], arguments[3], find_variable(environment, "SSH_CONNECTION=")));
  if (count >= 4 && is(arguments[1], "ask")) end_program(ask_observer(arguments[2], arguments + 3, count - 3));
  static const char usage[] =
      "usage: sallyport-client lookup SOCKET LOG KEY_BLOB | session SOCKET TICKET | ask SOCKET VERB [WORD...]\n";
  system_call(nr_write, 2, (long)usage, sizeof usage - 1, 0, 0, 0);
  end_program(2);
}

/* The kernel passes the arguments on the stack. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call run\n");
#else
__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl run\n");
#endif
