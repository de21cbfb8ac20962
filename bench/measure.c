/* measure: runs a command and says what it cost, with all the processes that it started.

   usage: measure LIMIT_MS REPORT COMMAND [ARGUMENT…]

   REPORT is a file that gets one line of JSON:
     ms        from the start of the command to its end
     cpu_ms    user and system time of the command and all its descendants
     peak_kb   the most memory they held at once: the sum of their proportional set sizes, looked at every 100 ms, so that
               pages they share count once
     status    its exit status, or -1
     stopped   true when it was ended at LIMIT_MS
   What is left of it after its end is ended too, by the ids of its own descendants. */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 100000000
#define MOST 4096 /* descendants */

static double now_ms(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }

/* adds the children of `parent`, and theirs, to the list */
static int descendants(pid_t parent, pid_t *list, int count) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", parent);
  DIR *tasks = opendir(path);
  if (!tasks) return count;
  for (struct dirent *task; (task = readdir(tasks));) {
    if (task->d_name[0] == '.') continue;
    char children[128];
    snprintf(children, sizeof children, "/proc/%d/task/%.20s/children", parent, task->d_name);
    FILE *file = fopen(children, "r");
    if (!file) continue;
    for (int child; count < MOST && fscanf(file, "%d", &child) == 1;) {
      list[count++] = child;
      count = descendants(child, list, count);
    }
    fclose(file);
  }
  closedir(tasks);
  return count;
}
static long held_kb(pid_t pid) {
  char path[64], line[256];
  long kb = 0;
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  while (fgets(line, sizeof line, file)) if (sscanf(line, "Pss: %ld", &kb) == 1) break;
  fclose(file);
  return kb;
}
static long all_held_kb(void) {
  pid_t list[MOST];
  int count = descendants(getpid(), list, 0);
  long sum = 0;
  for (int i = 0; i < count; i++) sum += held_kb(list[i]);
  return sum;
}
static void end_descendants(int signal_number) {
  pid_t list[MOST];
  int count = descendants(getpid(), list, 0);
  for (int i = 0; i < count; i++) kill(list[i], signal_number);
}
static void on_signal(int number) { end_descendants(SIGKILL); _exit(128 + number); }

int main(int argc, char **argv) {
  if (argc < 4) { fprintf(stderr, "usage: measure LIMIT_MS REPORT COMMAND [ARGUMENT…]\n"); return 2; }
  double limit = atof(argv[1]), start = now_ms(), end = 0;
  prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans become our children, so that we can count and end them */
  prctl(PR_SET_PDEATHSIG, SIGTERM); /* when the bench dies */
  signal(SIGTERM, on_signal); signal(SIGINT, on_signal);
  sigset_t child_ended;
  sigemptyset(&child_ended); sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, NULL);
  pid_t command = fork();
  if (command == 0) {
    sigprocmask(SIG_UNBLOCK, &child_ended, NULL);
    setpgid(0, 0);
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    _exit(127);
  }
  long peak = 0;
  int status = -1, stopped = 0;
  while (!end) {
    long held = all_held_kb();
    if (held > peak) peak = held;
    sigtimedwait(&child_ended, NULL, &(struct timespec){ 0, LOOK_NS });
    int result;
    for (pid_t pid; (pid = waitpid(-1, &result, WNOHANG)) > 0;)
      if (pid == command) { end = now_ms(); status = WIFEXITED(result) ? WEXITSTATUS(result) : -1; }
    if (!end && now_ms() - start > limit) { stopped = 1; end_descendants(SIGKILL); }
  }
  end_descendants(SIGKILL);
  while (wait(NULL) > 0);
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  double cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
  FILE *report = fopen(argv[2], "w");
  if (!report) { perror(argv[2]); return 1; }
  fprintf(report, "{\"ms\":%.3f,\"cpu_ms\":%.3f,\"peak_kb\":%ld,\"status\":%d,\"stopped\":%s}\n", end - start, cpu, peak, status, stopped ? "true" : "false");
  return fclose(report) ? 1 : 0;
}
