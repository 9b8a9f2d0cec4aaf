// worker DIRECTORY: what a worker of the kernel must not do. Prints a line for
// each attempt: its name, a tab, and the errno, 0 if it worked. worker: prints
// the signal that it gets at its parent's end.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/seccomp.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
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
  Tell("change a mode", chmod(path, 0600));
  Tell("change the mode of what is open", fchmod(file == -1 ? 0 : file, 0600));
  Tell("change times", utimensat(AT_FDCWD, path, NULL, 0));
  Tell("change an owner", chown(path, -1, -1));
  // Not each file system has attributes.
  Tell("set an attribute",
       setxattr(path, "user.agd-jail-test", "x", 1, 0) && errno != ENOTSUP);
  Tell("remove an attribute", removexattr(path, "user.agd-jail-test") &&
                                  errno != ENODATA && errno != ENOTSUP);
  const int watch = inotify_init();
  Tell("watch a file", inotify_add_watch(watch, arguments[1], IN_CREATE) == -1);
  if (watch != -1) close(watch);
  if (file != -1) {
    close(file);
    unlink(path);
  }
  const int connections = open("/proc/net/unix", O_RDONLY);
  Tell("read who is connected", connections == -1);
  if (connections != -1) close(connections);
  const int memory = shmget(IPC_PRIVATE, 1, 0600);
  Tell("make shared memory", memory == -1);
  Tell("remove shared memory", shmctl(memory, IPC_RMID, NULL));
  const int queue = msgget(IPC_PRIVATE, 0600);
  Tell("make a queue", queue == -1);
  Tell("remove a queue", msgctl(queue, IPC_RMID, NULL));
  const int directory = open(arguments[1], O_RDONLY | O_DIRECTORY);
  Tell("list a directory", directory == -1);
  int ends[2];
  Tell("make a pair of sockets", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  Tell("make a socket", socket(AF_INET, SOCK_STREAM, 0) == -1);
  Tell("make a pair of datagram sockets",
       socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
  Tell("signal its parent", kill(getppid(), 0));
  Tell("signal a thread of its parent",
       syscall(SYS_tgkill, getppid(), getppid(), 0) == -1);
  Tell("be signalled of what is open", fcntl(0, F_SETOWN, getpid()));
  Tell("outlive its parent", prctl(PR_SET_PDEATHSIG, 0));
  const unsigned int action = SECCOMP_RET_ALLOW;
  Tell("add a filter",
       syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == -1);
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
