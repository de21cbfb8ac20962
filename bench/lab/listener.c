/* listener: what answers inside the far end of the lab. One process, any number of ports.

   Each line of standard input adds listeners and is answered with "ready", or with what went wrong:
     tcp ADDRESS FIRST LAST BEHAVIOUR [HEX]     ADDRESS "::" is every address, of both families
     udp ADDRESS FIRST LAST answer [HEX]
   BEHAVIOUR is what happens to a connection once the kernel has accepted it:
     close   ended at once        reset   reset at once        mute   kept, never a byte, until the other side ends it
     say     sends HEX, then ends
   It ends when its standard input does. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 65535
#define TEXT 1024
#define EVENTS 256

enum behaviour { CLOSE, RESET, MUTE, SAY, ANSWER, COMMANDS };
/* one per listening socket, and one shared by all held connections */
struct watched { int fd; enum behaviour behaviour; int length; unsigned char *text; };

static int loop;

static void watch(int fd, struct watched *w, uint32_t events) {
  struct epoll_event e = { events, { .ptr = w } };
  if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e)) perror("epoll_ctl");
}

/* a held connection carries its descriptor in the pointer, so that 65,535 of them cost no memory: odd, as no address is */
static void hold(int fd) {
  struct epoll_event e = { EPOLLIN | EPOLLRDHUP, { .u64 = (uint64_t)fd << 1 | 1 } };
  if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e)) close(fd);
}
static void held_event(int fd) {
  char ignored[4096];
  ssize_t n = recv(fd, ignored, sizeof ignored, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN)) close(fd);
}

static void accept_all(struct watched *w) {
  for (int i = 0; i < EVENTS; i++) {
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (w->behaviour == MUTE) { hold(fd); continue; }
    if (w->behaviour == RESET) setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    if (w->behaviour == SAY) { send(fd, w->text, w->length, MSG_NOSIGNAL); shutdown(fd, SHUT_WR); hold(fd); continue; }
    close(fd);
  }
}
static void answer_datagrams(struct watched *w) {
  char question[2048];
  for (int i = 0; i < EVENTS; i++) {
    /* the answer must leave from the address that was probed, which a socket on "::" learns from the control message */
    struct sockaddr_in6 from;
    struct iovec in = { question, sizeof question };
    char control[256];
    struct msghdr m = { &from, sizeof from, &in, 1, control, sizeof control, 0 };
    if (recvmsg(w->fd, &m, MSG_DONTWAIT) < 0) return;
    struct iovec out = { w->text, w->length };
    m.msg_iov = &out;
    sendmsg(w->fd, &m, MSG_NOSIGNAL);
  }
}

static int unhex(const char *hex, unsigned char *bytes) {
  int n = 0;
  for (unsigned value; n < TEXT && sscanf(hex + 2 * n, "%2x", &value) == 1; n++) bytes[n] = value;
  return n;
}
static int listen_on(int type, const struct in6_addr *address, int port) {
  struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = *address };
  int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, zero = 0;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  if (type == SOCK_DGRAM) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one);
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  }
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || (type == SOCK_STREAM && listen(fd, BACKLOG))) { close(fd); return -1; }
  return fd;
}

static const char *const NAMES[] = { "close", "reset", "mute", "say", "answer" };
static int obey(char *line) {
  char protocol[8], address[64], name[16], hex[2 * TEXT + 1] = "", mapped[80];
  int first, last;
  if (sscanf(line, "%7s %63s %d %d %15s %2048s", protocol, address, &first, &last, name, hex) < 5) return errno = EINVAL, -1;
  enum behaviour behaviour = 0;
  while (behaviour <= ANSWER && strcmp(NAMES[behaviour], name)) behaviour++;
  struct in6_addr at;
  snprintf(mapped, sizeof mapped, "%s%s", strchr(address, ':') ? "" : "::ffff:", address);
  if (behaviour > ANSWER || inet_pton(AF_INET6, mapped, &at) != 1) return errno = EINVAL, -1;
  unsigned char text[TEXT];
  int length = unhex(hex, text);
  for (int port = first; port <= last; port++) {
    struct watched *w = malloc(sizeof *w);
    if (!w) return -1;
    *w = (struct watched){ listen_on(strcmp(protocol, "udp") ? SOCK_STREAM : SOCK_DGRAM, &at, port), behaviour, length, malloc(TEXT) };
    if (w->fd < 0 || !w->text) return -1;
    memcpy(w->text, text, length);
    watch(w->fd, w, EPOLLIN);
  }
  return 0;
}

int main(void) {
  signal(SIGINT, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max = files.rlim_max < 200000 ? 200000 : files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  setpriority(PRIO_PROCESS, 0, -10); /* as the wire: the far host is not slowed by the scanner's load */
  loop = epoll_create1(EPOLL_CLOEXEC);
  struct watched commands = { 0, COMMANDS, 0, NULL };
  watch(0, &commands, EPOLLIN);
  static char line[4096];
  for (;;) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(loop, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      struct watched *w = events[i].data.ptr;
      if (events[i].data.u64 & 1) held_event(events[i].data.u64 >> 1);
      else if (w->behaviour == ANSWER) answer_datagrams(w);
      else if (w->behaviour != COMMANDS) accept_all(w);
      else {
        ssize_t got = read(0, line, sizeof line - 1); /* one line at a time: the parent awaits each answer */
        if (got <= 0) return 0;
        line[got] = 0;
        if (obey(line)) printf("%s", strerror(errno)); else printf("ready");
        printf("\n");
        fflush(stdout);
      }
    }
  }
}
