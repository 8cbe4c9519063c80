/* The floor of a record: the system calls that a program for it has to make, and nothing else; no parsing, no C library.
 *
 *     floor LOG    reads the four files of /proc, the clock and /etc/localtime, and appends 4 KiB to LOG
 *
 * With -DEMPTY it only ends: what the start of a program costs. For x86-64; whole.sh has the options that it is built with.
 * It checks nothing, so it is not a recorder, but what a recorder can come near to. */

#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/time.h>

#ifndef EMPTY
#define EMPTY 0
#endif

static long call(long number, long first, long second, long third)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

static const char *const files[] = {"/proc/stat", "/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/etc/localtime"};

static void append_record(const char *log)
{
    char texts[131072]; /* of which only the pages that are read into become memory */
    char line[4096];
    struct timespec now;
    long used = 0;

    for (int i = 0; i < 5; i++) {
        long file = call(__NR_open, (long)files[i], O_RDONLY | O_CLOEXEC, 0);
        long count = call(__NR_read, file, (long)(texts + used), sizeof texts - used);
        used += count > 0 ? count : 0;
        call(__NR_close, file, 0, 0);
    }
    call(__NR_clock_gettime, CLOCK_REALTIME, (long)&now, 0);
    for (unsigned long i = 0; i < sizeof line; i++)
        line[i] = i + 1 < sizeof line ? 'x' : '\n';
    call(__NR_write, call(__NR_open, (long)log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), (long)line, sizeof line);
}

/* `stack` is what the kernel hands over: the number of arguments, then the arguments. */
__attribute__((noreturn, used)) static void start(char **stack)
{
    if (!EMPTY)
        append_record(stack[2]);
    call(__NR_exit_group, 0, 0, 0);
    __builtin_unreachable();
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");
