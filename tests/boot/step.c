/* Sets the clock COUNT times, forward and back by random amounts of 3 s to 3 years, and tells of each step: the time
 * since the boot, the clock before and the clock after, and how long a CPU stood still at the most since the last line,
 * in nanoseconds. The last line is of the end, without a step. steps.py builds it and runs it in a guest.
 *
 *     step COUNT SEED
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static long long now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_until(long long boot_time)
{
    struct timespec time = { boot_time / SECOND, boot_time % SECOND };
    while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &time, NULL) != 0)
        ;
}

/* On a CPU a process that sleeps 20 ms again and again, and writes down by how much it is woken too late: an emulated
 * machine stands still when its host is busy, and then a record is late by no fault of procline's. */
static void watch(int cpu, volatile long long *late)
{
    pid_t parent = getpid();
    if (fork() != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus) != 0)
        kill(parent, SIGKILL);
    for (;;) {
        long long wanted = now(CLOCK_BOOTTIME) + SECOND / 50;
        sleep_until(wanted);
        long long behind = now(CLOCK_BOOTTIME) - wanted;
        if (behind > *late)
            *late = behind;
    }
}

int main(int count_of_arguments, char **arguments)
{
    if (count_of_arguments != 3)
        return 2;
    volatile long long *late = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    watch(0, &late[0]);
    watch(1, &late[1]);
    srand48(atol(arguments[2]));
    for (int left = atoi(arguments[1]); left >= 0; left--) {
        /* 1.5 s after the last step, so that each has a record; never just after a full second, when one is made. */
        sleep_until(now(CLOCK_BOOTTIME) + 3 * SECOND / 2);
        long long part = now(CLOCK_REALTIME) % SECOND;
        long long soonest = SECOND * 45 / 100, wanted = soonest + drand48() * SECOND * 50 / 100;
        if (part < soonest || part > SECOND * 95 / 100)
            sleep_until(now(CLOCK_BOOTTIME) + (wanted - part + SECOND) % SECOND);
        double amount = 3 * (1 + drand48());
        for (int doubled = lrand48() % 25; doubled > 0; doubled--)
            amount *= 2;
        long long change = left == 0 ? 0 : amount * SECOND;
        long long boot_time = now(CLOCK_BOOTTIME), before = now(CLOCK_REALTIME);
        /* Between 2001 and 2033. */
        if (before + change > 2000000000 * SECOND || (before - change > 1000000000 * SECOND && lrand48() % 2))
            change = -change;
        struct timespec time = { (before + change) / SECOND, (before + change) % SECOND };
        if (change != 0 && clock_settime(CLOCK_REALTIME, &time) != 0) {
            perror("clock_settime");
            return 1;
        }
        printf("%lld %lld %lld %lld\n", boot_time, before, before + change, late[0] > late[1] ? late[0] : late[1]);
        late[0] = late[1] = 0;
        fflush(stdout);
    }
    return 0;
}
