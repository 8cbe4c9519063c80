//! How the static program starts, in place of what musl does before `main`.
//!
//! musl makes ready for threads, thread-local variables, constructors and the vDSO. The program has none of these, and
//! the preparation is 1,700 bytes of it on x86-64, 2,100 on MIPS, two system calls and 5,000 instructions of a run.
//! What `sys` needs is here: the environment, the auxiliary vector, and the place of the error number, where a function
//! of musl's is called that has one. The tests of `.ci/targets` show on each machine that this is all. Not on i686,
//! where musl makes its system calls through the thread's block.

use core::ffi::{c_char, c_int, c_ulong};
use core::sync::atomic::AtomicI32;

use super::{environ, exit};

/// What `_start` has for musl's function, besides `main`. An address that is missing would be in a table of 16 bytes.
#[unsafe(no_mangle)]
extern "C" fn _init() {}

/// The same.
#[unsafe(no_mangle)]
extern "C" fn _fini() {}

/// What `_start` calls.
#[unsafe(no_mangle)]
unsafe extern "C" fn __libc_start_main(
    main: extern "C" fn(c_int, *const *const c_char) -> c_int,
    count: c_int,
    arguments: *const *const c_char,
) -> ! {
    // SAFETY: the kernel puts the environment behind the arguments and a null.
    let variables = unsafe { arguments.offset(count as isize + 1) };
    // SAFETY: nothing reads it meanwhile.
    unsafe { environ = variables };
    exit(main(count, arguments))
}

/// The number of the last error. There is one thread.
static ERRNO: AtomicI32 = AtomicI32::new(0);

/// Where musl's functions write it, …
#[unsafe(no_mangle)]
extern "C" fn ___errno_location() -> *mut c_int {
    ERRNO.as_ptr()
}

/// … and where others read it.
#[unsafe(no_mangle)]
extern "C" fn __errno_location() -> *mut c_int {
    ERRNO.as_ptr()
}

/// getauxval(3): the vector stands behind the environment. 0 for what is not there.
#[unsafe(no_mangle)]
extern "C" fn getauxval(kind: c_ulong) -> c_ulong {
    // SAFETY: it was set at the start, and nothing changes it.
    let mut words = unsafe { environ }.cast::<c_ulong>();
    let mut next = || {
        // SAFETY: it is a word of the environment, or the null behind it, or of the vector, which ends with two zeros.
        let word = unsafe { *words };
        // SAFETY: the same.
        words = unsafe { words.add(1) };
        word
    };
    while next() != 0 {}
    loop {
        let (entry, value) = (next(), next());
        if entry == kind || entry == 0 {
            return value;
        }
    }
}
