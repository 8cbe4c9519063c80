/* Runs commands in rounds, all of them in each and each round in another order, and says what every run took.
 *
 *     launch ROUNDS OUTPUT --- COMMAND [ARGUMENT]... [--- COMMAND [ARGUMENT]...]...
 *
 * One line a run: the command's number, µs of wall time, µs of CPU time, minor faults. It is in C and starts with
 * vfork(2): a start by Python costs half of what a run of the smallest programs does, and would be counted in. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_COMMANDS = 64 };

extern char **environ;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static double microseconds(struct timeval time) { return time.tv_sec * 1e6 + time.tv_usec; }

/* Runs one command, with OUTPUT as its standard output and nothing to read or complain to. */
static void run(int number, char **command, int nothing, int output)
{
    struct rusage usage;
    int status;
    double start = now();
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(nothing, 0);
        dup2(output, 1);
        dup2(nothing, 2);
        execve(command[0], command, environ);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
        fprintf(stderr, "%s: cannot be run, or fails\n", command[0]);
        exit(1);
    }
    double wall = now() - start;
    double cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    printf("%d %.1f %.0f %ld\n", number, wall, cpu, usage.ru_minflt);
}

int main(int count, char **arguments)
{
    char **commands[MOST_COMMANDS];
    int order[MOST_COMMANDS], length = 0;
    if (count < 5)
        return 2;
    for (int i = 3; i < count; i++)
        if (strcmp(arguments[i], "---") == 0 && length < MOST_COMMANDS) {
            arguments[i] = NULL; /* ends the command before */
            order[length] = length;
            commands[length++] = &arguments[i + 1];
        }
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int output = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    for (int round = 0; round < atoi(arguments[1]); round++) {
        for (int i = length - 1; i > 0; i--) {
            int other = random() % (i + 1), moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        for (int i = 0; i < length; i++)
            run(order[i], commands[order[i]], nothing, output);
    }
    return 0;
}
