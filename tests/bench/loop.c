/* The floor of a run that goes on: the system calls of a record each second, and nothing else.
 *
 *     loop LOG    reads the four files of /proc, which stay open, and the clock, and appends 4 KiB to LOG, which does too
 *
 * It checks nothing, locks nothing and does not notice when its log is deleted, so it is not a recorder. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const files[] = {"/proc/stat", "/proc/uptime", "/proc/loadavg", "/proc/meminfo"};

int main(int count, char **arguments)
{
    static char texts[65536], line[4096];
    int open_files[4], log;
    struct timespec next, now;

    if (count < 2)
        return 2;
    for (int i = 0; i < 4; i++)
        open_files[i] = open(files[i], O_RDONLY | O_CLOEXEC);
    log = open(arguments[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    clock_gettime(CLOCK_REALTIME, &next);
    next.tv_nsec = 500000000; /* between the records of another that records on the second */
    for (;;) {
        size_t used = 0;
        next.tv_sec++;
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &next, NULL);
        for (int i = 0; i < 4; i++) {
            ssize_t length = pread(open_files[i], texts + used, sizeof texts - used, 0);
            used += length > 0 ? (size_t)length : 0;
        }
        clock_gettime(CLOCK_REALTIME, &now);
        memcpy(line, &now, sizeof now);
        if (write(log, line, sizeof line) < 0)
            return 1;
    }
}
