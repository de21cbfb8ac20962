/* kernel-baseline: the least that a connect scan costs on this machine. The bare loop of system calls, with nothing of a scanner
   around it: no estimate of anything, no judgement, no report but the open ports. What bounds a row of the bench.

   usage: kernel-baseline PROCESSES SOCKETS TIMEOUT_MS ATTEMPTS PORTS ADDRESS…        PORTS as in 22,80,8000-9000

   Each of PROCESSES processes takes every nth (address, port) and keeps SOCKETS connects under way; what has not answered
   after TIMEOUT_MS is probed again at the end, ATTEMPTS times in all. Prints "open ADDRESS PORT", and "filtered …" for
   what never answered. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 512
/* a connect under way; all wait equally long, so that a ring in the order of sending is in the order of deadlines */
struct attempt { int fd; uint32_t probe; int64_t due; };

static char **addresses;
static int address_count, *ports, port_count, sockets, attempts;
static int64_t timeout;

static int64_t now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000; }

static socklen_t target(uint32_t probe, struct sockaddr_storage *at) {
  const char *address = addresses[probe / port_count];
  uint16_t port = htons(ports[probe % port_count]);
  memset(at, 0, sizeof *at);
  struct sockaddr_in *four = (void *)at;
  struct sockaddr_in6 *six = (void *)at;
  if (inet_pton(AF_INET, address, &four->sin_addr) == 1) { four->sin_family = AF_INET; four->sin_port = port; return sizeof *four; }
  inet_pton(AF_INET6, address, &six->sin6_addr);
  six->sin6_family = AF_INET6; six->sin6_port = port;
  return sizeof *six;
}
/* several processes share the output: whole lines, in writes that a pipe keeps together (PIPE_BUF) */
static char said[4096];
static int said_length;
static void flush_said(void) { if (write(1, said, said_length) < 0) perror("write"); said_length = 0; }
static void say(const char *state, uint32_t probe) {
  if (said_length > (int)sizeof said - 80) flush_said();
  said_length += snprintf(said + said_length, 80, "%s %s %d\n", state, addresses[probe / port_count], ports[probe % port_count]);
}

/* a socket that connected to itself is no open port: loopback, with its own port as the remote one */
static int to_itself(int fd, uint32_t probe) {
  struct sockaddr_storage own = {0}, other;
  socklen_t length = sizeof own;
  getsockname(fd, (void *)&own, &length);
  return target(probe, &other) == length && !memcmp(&((struct sockaddr_in *)&own)->sin_port, &((struct sockaddr_in *)&other)->sin_port, 2) &&
         ((struct sockaddr_in *)&own)->sin_addr.s_addr == ((struct sockaddr_in *)&other)->sin_addr.s_addr && own.ss_family == AF_INET;
}
static void drop(int fd) {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
  close(fd);
}

/* one pass over the probes of `todo`; those that stayed silent are put back into it, and counted */
static uint32_t pass(uint32_t *todo, uint32_t count, int loop, struct attempt *in_flight, uint32_t room) {
  uint32_t next = 0, silent = 0, head = 0, tail = 0;
  int under_way = 0;
  struct epoll_event events[EVENTS];
  while (next < count || under_way) {
    while (next < count && under_way < sockets && head - tail < room) {
      uint32_t probe = todo[next++], at = head % room;
      struct sockaddr_storage to;
      socklen_t length = target(probe, &to);
      int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
      if (fd < 0) { next--; break; }
      if (connect(fd, (void *)&to, length) && errno != EINPROGRESS) {
        if (errno == EADDRNOTAVAIL) { close(fd); next--; break; }
        close(fd);
        continue;
      }
      in_flight[at] = (struct attempt){ fd, probe, now_us() + timeout };
      head++; under_way++;
      struct epoll_event e = { EPOLLOUT | EPOLLONESHOT, { .u32 = at } };
      epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
    }
    int64_t now = now_us();
    while (tail != head && (in_flight[tail % room].fd < 0 || in_flight[tail % room].due < now - 2000)) {
      struct attempt *a = &in_flight[tail++ % room];
      if (a->fd < 0) continue;
      drop(a->fd); a->fd = -1; under_way--;
      todo[silent++] = a->probe;
    }
    int n = epoll_wait(loop, events, EVENTS, under_way ? (tail != head && in_flight[tail % room].due > now ? (in_flight[tail % room].due - now) / 1000 + 1 : 1) : 0);
    for (int i = 0; i < n; i++) {
      struct attempt *a = &in_flight[events[i].data.u32];
      if (a->fd < 0) continue;
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &length);
      if (!error && !to_itself(a->fd, a->probe)) say("open", a->probe);
      else if (error && error != ECONNREFUSED) say("filtered", a->probe);
      drop(a->fd); a->fd = -1; under_way--;
    }
  }
  return silent;
}

static int run(int process, int processes) {
  uint32_t total = (uint32_t)address_count * port_count, count = 0, room = 1;
  while (room < 65536 || room < (uint32_t)sockets * 4) room *= 2; /* so that a silent port does not hold up the fast ones */
  uint32_t *todo = malloc((total / processes + 1) * sizeof *todo);
  struct attempt *in_flight = malloc(room * sizeof *in_flight);
  int loop = epoll_create1(0);
  if (!todo || !in_flight || loop < 0) return 1;
  /* a stride that shares no factor with the number of probes visits all of them, spread over the port range */
  uint64_t stride = total > 7919 && total % 7919 ? 7919 : 1;
  for (uint32_t i = process; i < total; i += processes) todo[count++] = i * stride % total;
  for (int attempt = 0; attempt < attempts && count; attempt++) count = pass(todo, count, loop, in_flight, room);
  for (uint32_t i = 0; i < count; i++) say("filtered", todo[i]);
  flush_said();
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 7) { fprintf(stderr, "usage: kernel-baseline PROCESSES SOCKETS TIMEOUT_MS ATTEMPTS PORTS ADDRESS…\n"); return 2; }
  int processes = atoi(argv[1]), status = 0;
  sockets = atoi(argv[2]); timeout = atoll(argv[3]) * 1000; attempts = atoi(argv[4]);
  addresses = argv + 6; address_count = argc - 6;
  ports = malloc(65536 * sizeof *ports);
  for (char *part = strtok(argv[5], ","); part && port_count < 65536; part = strtok(NULL, ",")) {
    int first, last;
    int got = sscanf(part, "%d-%d", &first, &last);
    for (int port = first; port <= (got == 2 ? last : first) && port_count < 65536; port++) ports[port_count++] = port;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < (rlim_t)sockets + 16) sockets = files.rlim_cur - 16;
  for (int i = 1; i < processes; i++) if (fork() == 0) return run(i, processes);
  status = run(0, processes);
  for (int child; wait(&child) > 0;) status |= WEXITSTATUS(child);
  return status;
}
