#ifndef CLIENT_H
#define CLIENT_H

#include "system.h"

/* Lengths in the protocol, which the service's sockets.ts describes. */
enum { max_line = 64 * 1024, nonce_length = 15, ticket_length = 32 };

size text_length(const char *text);
int starts_with(const char *text, size length, const char *start);
void copy_bytes(char *to, const char *from, size length);
/* Appends as much as fits. The result always ends with a zero and is shorter than `capacity`. */
void append(char *to, size capacity, const char *text);
void append_number(char *to, size capacity, long number);

__attribute__((noreturn)) void end_program(int status);
void sleep_ms(long milliseconds);
/* Waits until one of the descriptors is ready. Returns 0 after a timeout. A negative timeout waits forever. */
int wait_for(struct watched *watched, int count, long milliseconds);
int read_some(int fd, char *to, size capacity);
int is_retryable(result answer);

/* How long a connection, or something sent over it, may wait for the other process. */
enum { connect_seconds = 5 };
/* Returns a connected socket, or -1. */
int connect_to(const char *path, int kind);
void close_file(int fd);
int send_all(int fd, const char *from, size length);
/* Proves to the service that this process is its peer, by setting the service's nonce as its process name. */
void take_name(const char *name);
/* Writes the start of a request: the verb and this process's ID. */
void begin_request(char *request, size capacity, const char *verb);
void write_log(const char *log_path, const char *message);

int look_up(const char *socket_path, const char *log_path, const char *key_blob);
int hold_session(const char *socket_path, char *ticket, const char *connection);
int ask_observer(const char *socket_path, char **words, long count);

#endif
