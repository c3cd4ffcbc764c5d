/*
 * Linux without a C library: the program depends only on the compiler, starts in well under a millisecond, and needs a
 * few pages of memory. Numbers and layouts are the kernel's ABI.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

typedef unsigned long size;
typedef long result;

#if defined(__x86_64__)
enum { nr_read = 0, nr_write = 1, nr_close = 3, nr_getpid = 39, nr_socket = 41, nr_connect = 42, nr_sendto = 44,
       nr_shutdown = 48, nr_setsockopt = 54, nr_getsockopt = 55, nr_kill = 62, nr_fcntl = 72, nr_getppid = 110,
       nr_prctl = 157, nr_exit_group = 231, nr_openat = 257, nr_ppoll = 271 };

static inline result system_call(long number, long a, long b, long c, long d, long e, long f) {
  result answer;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(answer)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return answer;
}
#elif defined(__aarch64__)
enum { nr_fcntl = 25, nr_openat = 56, nr_close = 57, nr_read = 63, nr_write = 64, nr_ppoll = 73, nr_exit_group = 94,
       nr_kill = 129, nr_prctl = 167, nr_getpid = 172, nr_getppid = 173, nr_socket = 198, nr_connect = 203,
       nr_sendto = 206, nr_setsockopt = 208, nr_getsockopt = 209, nr_shutdown = 210 };

static inline result system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
#else
#error "x86_64 or aarch64 only"
#endif

enum { stream_socket = 1, datagram_socket = 2, close_on_exec = 02000000 };
enum { no_signal = 0x4000, dont_wait = 0x40 };
enum { of_socket = 1, peer_credentials = 17, send_timeout = 21 };
enum { again = -11, interrupted = -4, no_space = -28 };
enum { can_read = 1, can_write = 4, has_failed = 8, has_hung_up = 16 };
enum { pipe_signal = 13, term_signal = 15 };

struct watched { int fd; short wanted; short seen; };
struct duration { long seconds; long nanoseconds; };
struct microduration { long seconds; long microseconds; };
struct credentials { int process; unsigned user, group; };
struct unix_address { unsigned short family; char path[108]; };

#endif
