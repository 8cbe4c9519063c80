"""One run of a program under ptrace(2): its peak of memory, its system calls, and the files it is made of.

A parent cannot learn the first from wait4(2): ru_maxrss of a child is never less than what the parent had in memory
when the child was started, and Python has 10 MB. So the kernel is asked just before each process of the run ends.
"""

import ctypes
import os
import signal
import sys

TRACEME, SYSCALL, SETOPTIONS = 0, 24, 0x4200
TRACE_FORK, TRACE_VFORK, TRACE_CLONE, TRACE_EXEC, TRACE_EXIT = 0x2, 0x4, 0x8, 0x10, 0x40
MARK_SYSCALLS, KILL_WITH_PARENT = 0x1, 0x100000
OPTIONS = TRACE_FORK | TRACE_VFORK | TRACE_CLONE | TRACE_EXEC | TRACE_EXIT | MARK_SYSCALLS | KILL_WITH_PARENT
EVENT_EXEC, EVENT_EXIT = 4, 6
ALL_CHILDREN = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, pid, data=0):
    if libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def resident_kib(pid):
    """The peak of a process: VmHWM, or what is mapped now where that is more, since some kernels round VmHWM down."""
    peaks = [0]
    for file, name in [("status", "VmHWM:"), ("smaps_rollup", "Rss:")]:
        try:
            with open(f"/proc/{pid}/{file}", encoding="ascii", errors="replace") as lines:
                peaks += [int(line.split()[1]) for line in lines if line.startswith(name)]
        except OSError:
            pass
    return max(peaks)


def code_files(pid):
    """The files whose code a process has mapped: the program and its shared libraries."""
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as lines:
        words = [line.split(maxsplit=5) for line in lines]
    return {word[5].strip() for word in words if len(word) == 6 and "x" in word[1] and word[5].startswith("/")}


def file_bytes(files):
    return sum(os.stat(file).st_size for file in files)


def run(command, environment, descriptors):
    """Runs `command` to its end: (KiB of its largest process, system calls of all, bytes of its files)."""
    pid = os.fork()
    if pid == 0:
        try:
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            ptrace(TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execve(command[0], command, environment)
        finally:
            os._exit(127)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        raise OSError("ptrace is not allowed here")
    ptrace(SETOPTIONS, pid, OPTIONS)
    ptrace(SYSCALL, pid)
    resident, calls, files, inside, started = 0, 0, set(), set(), False
    while True:
        try:
            stopped, status = os.waitpid(-1, ALL_CHILDREN)
        except ChildProcessError:
            return resident, calls, file_bytes(files)
        if not os.WIFSTOPPED(status):
            continue
        reason, event, deliver = os.WSTOPSIG(status), status >> 16, 0
        if reason == signal.SIGTRAP | 0x80:  # a system call begins or ends
            inside ^= {stopped}
            calls += started and stopped in inside
        elif event == EVENT_EXEC:
            calls += not started  # the execve(2) that started the program
            started = True
        elif event == EVENT_EXIT:
            resident = max(resident, resident_kib(stopped))
            files |= code_files(stopped)
        elif event == 0 and reason not in (signal.SIGTRAP, signal.SIGSTOP):
            deliver = reason
        try:
            ptrace(SYSCALL, stopped, deliver)
        except ProcessLookupError:
            pass


if __name__ == "__main__":
    print("%d KiB, %d system calls, %d bytes of files" % run(sys.argv[1:], dict(os.environ), [0, 1, 2]))
