// worker DIRECTORY: what a worker of the kernel must not do. Prints a line for
// each attempt: its name, a tab, and the errno, 0 if it worked. worker: prints
// the signal that it gets at its parent's end.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void Tell(const char* name, int failed) {
  printf("%s\t%d\n", name, failed ? errno : 0);
  fflush(stdout);
}

int main(int count, char** arguments) {
  if (count < 2) {
    int signal = 0;
    const int failed = prctl(PR_GET_PDEATHSIG, &signal);
    printf("signal\t%d\n", failed ? -errno : signal);
    return 0;
  }
  if (count > 2) {
    printf("execute itself\t0\n");
    return 0;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s/worker-file", arguments[1]);
  const int file = open(path, O_CREAT | O_WRONLY, 0600);
  Tell("write a file", file == -1);
  if (file != -1) {
    close(file);
    unlink(path);
  }
  const int directory = open(arguments[1], O_RDONLY | O_DIRECTORY);
  Tell("list a directory", directory == -1);
  int ends[2];
  Tell("make a pair of sockets", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  Tell("make a socket", socket(AF_INET, SOCK_STREAM, 0) == -1);
  Tell("signal its parent", kill(getppid(), 0));
  const pid_t child = fork();
  if (child == 0) _exit(0);
  Tell("make a process", child == -1);
  if (child > 0) waitpid(child, NULL, 0);
  // Where it may, it goes on there: the last line is of the other.
  execl("/bin/sh", "sh", "-c", "printf 'execute a shell\\t0\\n'; exec $0 . again",
        arguments[0], NULL);
  Tell("execute a shell", 1);
  execl(arguments[0], arguments[0], arguments[1], "again", NULL);
  Tell("execute itself", 1);
  return 0;
}
