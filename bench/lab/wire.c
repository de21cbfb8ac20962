/* wire: a point-to-point link in user space from the network namespace it is started in to a new, nameless one, with a
   fixed one-way delay, random loss and a packet-rate cap. It stands in for tc-netem, which many kernels lack.

   usage: wire NEAR_DEV FAR_DEV DELAY_MICROSECONDS LOSS_FRACTION PACKETS_PER_SECOND SEED TAG

   0 packets a second is no cap. TAG is the last 16 bits of the near end's addresses: a packet from another address is a
   late word of a connection to an earlier lab, which had the same network, and is thrown away uncounted.

   It prints "ready" when both devices exist. The far namespace is this process's own (nsenter -t PID -n), and the
   devices are not persistent: when this process ends, however it ends, the namespace, the devices and every route over
   them are gone. It ends when its standard input does, that is when its parent closes it or dies.

   Questions come in as lines and are answered with one line of JSON each:
     totals         packets sent, passed, lost, capped, each way; SYNs and datagrams sent
     attempts       SYNs and datagrams per port: {"tcp":[[port,count],…],"udp":[…]}
     busiest MS     the most SYNs that arrived within any MS milliseconds

   Loss is repeatable though the order of packets is not: the fate of a packet is a hash of the seed and of which packet
   it is (the nth, this way, of this port of this address). Two scanners under one seed lose the same nth attempts. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MTU 2048
#define SLOTS 262144             /* packets under way each way: 150 ms at 1.7 million packets a second */
#define ADDRESSES 1024           /* a lab is an IPv4 /22; of IPv6 the same low 10 bits */
#define PORTS 65536
#define BATCH 256                /* packets taken from one side before the other has its turn */
#define BUCKET 0.05              /* the cap lets through 50 ms' worth at once */

enum { TCP, UDP, PROTOCOLS };
struct packet { int64_t due; uint16_t length; unsigned char *data; };
struct way {
  int from, to, direction;
  struct packet *ring;
  uint32_t head, tail;
  double tokens;
  int64_t filled;
  uint64_t sent, passed, lost, capped;
  uint16_t *seen[2][ADDRESSES];  /* per family and address: packets so far of [protocol][port] */
  uint32_t other;                /* packets so far that belong to no port */
};
/* which port of which address a packet is about, whichever way it goes; protocol -1: none */
struct about { int family, address, protocol, port, syn; };

static int64_t delay;
static double loss, cap;
static uint64_t seed;
static int tag;
static uint32_t attempts[PROTOCOLS][PORTS];
static uint64_t probed[PROTOCOLS];
static int64_t *syn_times;       /* of every SYN, in order */
static size_t syn_room;

static int64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }
static void die(const char *what) { perror(what); exit(1); }

static int tun(const char *device) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) die("/dev/net/tun");
  struct ifreq request = {0};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  snprintf(request.ifr_name, IFNAMSIZ, "%s", device);
  if (ioctl(fd, TUNSETIFF, &request)) die(device);
  return fd;
}

static int sixteen(const unsigned char *at) { return at[0] << 8 | at[1]; }

/* the transport header at `at`; `far` is 2 when the far end's port is the destination (bytes 2 and 3), 0 when it is the source */
static void transport(struct about *a, int protocol, const unsigned char *at, const unsigned char *end, int far) {
  if ((protocol != 6 && protocol != 17) || at + 8 > end) return;
  a->protocol = protocol == 6 ? TCP : UDP;
  a->port = sixteen(at + far);
  a->syn = protocol == 6 && at + 14 <= end && (at[13] & 0x12) == 0x02;
}

static struct about read_packet(const unsigned char *p, int length, int there, int embedded) {
  struct about a = { 0, 0, -1, 0, 0 };
  const unsigned char *end = p + length;
  int far = there ? 2 : 0;
  if (length >= 28 && p[0] >> 4 == 4) {
    const unsigned char *body = p + (p[0] & 15) * 4;
    a.address = sixteen(p + (there ? 18 : 14)) % ADDRESSES;
    /* an ICMP error from the far end is about the probe it quotes */
    if (p[9] == 1 && !there && !embedded && body + 8 <= end) return read_packet(body + 8, end - body - 8, 1, 1);
    transport(&a, p[9], body, end, far);
  } else if (length >= 48 && p[0] >> 4 == 6) {
    a.family = 1;
    a.address = sixteen(p + (there ? 38 : 22)) % ADDRESSES;
    if (p[6] == 58 && !there && !embedded) return read_packet(p + 48, length - 48, 1, 1);
    transport(&a, p[6], p + 40, end, far);
  }
  return a;
}

static int stale(const unsigned char *p, int length) {
  if (length >= 20 && p[0] >> 4 == 4) return sixteen(p + 14) != tag;
  return length < 40 || sixteen(p + 22) != tag;
}

static uint32_t nth(struct way *w, const struct about *a) {
  if (a->protocol < 0) return w->other++;
  uint16_t **counts = &w->seen[a->family][a->address];
  if (!*counts && !(*counts = calloc(PROTOCOLS * PORTS, sizeof **counts))) die("calloc");
  return (*counts)[a->protocol * PORTS + a->port]++;
}

/* splitmix64: every bit of the input reaches every bit of the result */
static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}
static double chance(struct way *w, const struct about *a, uint32_t n) {
  uint64_t who = (uint64_t)w->direction << 63 | (uint64_t)a->family << 62 | (uint64_t)(a->protocol + 1) << 60 |
                 (uint64_t)a->address << 48 | (uint64_t)a->port << 32 | n;
  return (mix(mix(seed) ^ mix(who)) >> 11) * (1.0 / 9007199254740992.0);
}

static void note_ask(const struct about *a, int64_t now) {
  if (a->protocol == UDP) { attempts[UDP][a->port]++; probed[UDP]++; return; }
  if (!a->syn) return;
  if (probed[TCP] == syn_room && !(syn_times = realloc(syn_times, (syn_room = syn_room ? syn_room * 2 : 65536) * sizeof *syn_times))) die("realloc");
  syn_times[probed[TCP]++] = now;
  attempts[TCP][a->port]++;
}

static int over_cap(struct way *w, int64_t now) {
  if (cap <= 0) return 0;
  w->tokens += (now - w->filled) / 1e9 * cap;
  double most = cap * BUCKET < 1 ? 1 : cap * BUCKET;
  if (w->tokens > most) w->tokens = most;
  w->filled = now;
  if (w->tokens < 1) return 1;
  w->tokens -= 1;
  return 0;
}

static void take(struct way *w) {
  unsigned char buffer[MTU];
  for (int i = 0; i < BATCH; i++) {
    ssize_t length = read(w->from, buffer, sizeof buffer);
    if (length <= 0) return;
    if (w->direction == 0 && stale(buffer, length)) continue;
    int64_t now = now_ns();
    struct about a = read_packet(buffer, length, w->direction == 0, 0);
    uint32_t n = nth(w, &a);
    w->sent++;
    if (w->direction == 0) note_ask(&a, now);
    if (loss > 0 && chance(w, &a, n) < loss) { w->lost++; continue; }
    if (over_cap(w, now) || w->head - w->tail == SLOTS) { w->capped++; continue; }
    struct packet *p = &w->ring[w->head++ % SLOTS];
    *p = (struct packet){ now + delay, length, malloc(length) };
    if (!p->data) die("malloc");
    memcpy(p->data, buffer, length);
  }
}

/* hands over what is due; the nanoseconds until the next packet is, or -1 when none is under way */
static int64_t give(struct way *w) {
  int64_t now = now_ns();
  while (w->tail != w->head) {
    struct packet *p = &w->ring[w->tail % SLOTS];
    if (p->due > now) return p->due - now;
    if (write(w->to, p->data, p->length) < 0 && errno == EAGAIN) return 100000;
    free(p->data);
    w->tail++;
    w->passed++;
  }
  return -1;
}

static void print_way(const char *name, const struct way *w) {
  printf("\"%s\":{\"sent\":%lu,\"passed\":%lu,\"lost\":%lu,\"capped\":%lu}", name, w->sent, w->passed, w->lost, w->capped);
}
static void print_attempts(const char *name, const uint32_t *counts) {
  printf("\"%s\":[", name);
  const char *comma = "";
  for (int port = 0; port < PORTS; port++)
    if (counts[port]) { printf("%s[%d,%u]", comma, port, counts[port]); comma = ","; }
  printf("]");
}
static uint64_t busiest(int64_t window) {
  uint64_t most = 0;
  for (uint64_t first = 0, last = 0; last < probed[TCP]; last++) {
    while (syn_times[last] - syn_times[first] >= window) first++;
    if (last - first + 1 > most) most = last - first + 1;
  }
  return most;
}
static void answer(const char *line, const struct way *there, const struct way *back) {
  if (!strncmp(line, "totals", 6)) {
    printf("{"); print_way("there", there); printf(","); print_way("back", back);
    printf(",\"syns\":%lu,\"datagrams\":%lu}\n", probed[TCP], probed[UDP]);
  } else if (!strncmp(line, "attempts", 8)) {
    printf("{"); print_attempts("tcp", attempts[TCP]); printf(","); print_attempts("udp", attempts[UDP]); printf("}\n");
  } else if (!strncmp(line, "busiest ", 8)) printf("%lu\n", busiest(atof(line + 8) * 1e6));
  else printf("{\"unknown\":true}\n");
  fflush(stdout);
}

static struct way make_way(int from, int to, int direction) {
  struct way w = { .from = from, .to = to, .direction = direction, .tokens = cap * BUCKET, .filled = now_ns() };
  if (!(w.ring = calloc(SLOTS, sizeof *w.ring))) die("calloc");
  return w;
}

int main(int argc, char **argv) {
  if (argc != 8) { fprintf(stderr, "usage: wire NEAR_DEV FAR_DEV DELAY_MICROSECONDS LOSS_FRACTION PACKETS_PER_SECOND SEED TAG\n"); return 2; }
  delay = atoll(argv[3]) * 1000; loss = atof(argv[4]); cap = atof(argv[5]); seed = strtoull(argv[6], 0, 10); tag = atoi(argv[7]);
  int near = tun(argv[1]);
  if (unshare(CLONE_NEWNET)) die("unshare");
  int far = tun(argv[2]);
  signal(SIGINT, SIG_IGN);       /* Ctrl-C is the parent's to handle: it closes our input */
  prctl(PR_SET_TIMERSLACK, 1000UL);
  setpriority(PRIO_PROCESS, 0, -10); /* a far host is not slowed by the scanner's load; harmless where it is refused */
  static struct way there, back;
  there = make_way(near, far, 0); back = make_way(far, near, 1);
  printf("ready\n"); fflush(stdout);
  struct pollfd fds[3] = { { near, POLLIN, 0 }, { far, POLLIN, 0 }, { 0, POLLIN, 0 } };
  for (;;) {
    int64_t x = give(&there), y = give(&back), wait = x < 0 ? y : y < 0 ? x : x < y ? x : y;
    struct timespec t = { wait / 1000000000, wait % 1000000000 };
    if (ppoll(fds, 3, wait < 0 ? NULL : &t, NULL) <= 0) continue;
    if (fds[0].revents) take(&there);
    if (fds[1].revents) take(&back);
    if (fds[2].revents) {
      char line[64];
      ssize_t n = read(0, line, sizeof line - 1); /* one question at a time: the parent awaits each answer */
      if (n <= 0) { close(near); close(far); return 0; } /* the devices first: when our standard error ends, they are gone */
      line[n] = 0;
      answer(line, &there, &back);
    }
  }
}
