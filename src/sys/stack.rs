//! The stack: whether it has room, and an array there that costs only what is written.

#[cfg(target_arch = "x86_64")]
use core::arch::asm;
use core::ffi::c_int;
use core::slice;
#[cfg(not(target_arch = "x86_64"))]
use core::{hint, mem::MaybeUninit};

use super::call;

/// The smallest stack limit that a run is made for. What fits it is used without asking for the limit.
const LEAST: usize = 64 * 1024;

/// `RLIMIT_STACK`, everywhere.
const LIMIT: c_int = 3;

/// Whether the stack may grow by this many bytes: `RLIMIT_STACK` of getrlimit(2), less what is on it already.
pub fn stack_holds(bytes: usize) -> bool {
    // The limit, and how far it may be raised.
    let mut limit = [u64::MAX; 2];
    // The name of the program is what the kernel puts on the stack first.
    // SAFETY: no preconditions.
    let bottom = unsafe { libc::getauxval(libc::AT_EXECFN) };
    let here = (&raw const limit).addr();
    let needed = usize::try_from(bottom).unwrap_or(here).saturating_sub(here).saturating_add(bytes);
    if needed <= LEAST {
        return true;
    }
    // SAFETY: `limit` is valid for the write of the kernel's rlimit64, which is two u64 everywhere.
    let _ = unsafe { call(libc::SYS_prlimit64, 0, LIMIT, 0, &raw mut limit) };
    needed as u64 <= limit[0]
}

/// Runs `with` on an array of the stack, which has to hold it and what `with` needs: [`stack_holds`] tells. The array's
/// bytes are any. None is written before, for a page of the stack that nobody touches costs nothing, and a record pays
/// for the pages it fills.
///
/// # Why
/// On x86-64 the compiler touches each page of an array on the stack (it probes for the end of the stack), be the array
/// written or not: of 512 KiB that is 128 page faults. So the stack pointer is moved by hand, past pages that
/// `stack_holds` vouches for.
#[cfg(target_arch = "x86_64")]
#[inline(never)] // it moves the stack pointer
pub fn with_array<F: FnMut(&mut [u8])>(bytes: usize, mut with: F) {
    unsafe extern "C" fn call<F: FnMut(&mut [u8])>(with: &mut F, start: *mut u8, bytes: usize) {
        // SAFETY: the stack was moved past these bytes, so nothing else is there until this function returns.
        with(unsafe { slice::from_raw_parts_mut(start, bytes) });
    }
    // SAFETY: `call` gets what it takes, on a stack that is aligned as the ABI asks, and the stack is put back where it
    // was. The compiler knows nothing of the array's bytes, and takes them for any.
    unsafe {
        asm!(
            "mov r12, rsp",
            "sub rsp, rdx",
            "and rsp, -16",
            "mov rsi, rsp",
            "call {call}",
            "mov rsp, r12",
            out("r12") _,
            call = sym call::<F>,
            in("rdi") &raw mut with,
            in("rdx") bytes,
            clobber_abi("C"),
        );
    }
}

/// The same in plain Rust. `bytes` is one of the steps, or the 256 KiB of what compresses. The compiler probes here on
/// i686, ARM64 and PowerPC, and not on 32-bit ARM, MIPS, RISC-V and LoongArch.
#[cfg(not(target_arch = "x86_64"))]
pub fn with_array<F: FnMut(&mut [u8])>(bytes: usize, mut with: F) {
    // Not inlined: its caller would have the arrays of all steps on its stack.
    #[inline(never)]
    fn sized<const BYTES: usize>(with: &mut impl FnMut(&mut [u8])) {
        let mut array = MaybeUninit::<[u8; BYTES]>::uninit();
        let start = hint::black_box(array.as_mut_ptr()).cast();
        // SAFETY: these bytes live until this function returns, and nothing else uses them. `black_box` may have
        // written them for all that the compiler knows, so it takes them for any.
        with(unsafe { slice::from_raw_parts_mut(start, BYTES) });
    }
    const FIRST: usize = crate::config::FIRST_STEP;
    match bytes / FIRST {
        0..4 => sized::<FIRST>(&mut with),
        4..16 => sized::<{ FIRST << 2 }>(&mut with),
        16..32 => sized::<{ FIRST << 4 }>(&mut with),
        32..64 => sized::<{ FIRST << 5 }>(&mut with),
        64..256 => sized::<{ FIRST << 6 }>(&mut with),
        _ => sized::<{ FIRST << 8 }>(&mut with),
    }
}

/// Gives an array's memory back to the kernel, as far as it has whole pages (`MADV_DONTNEED` of madvise(2)); a run that
/// stays would keep it. Its bytes are any then.
pub fn give_back(array: &mut [u8]) {
    // SAFETY: no preconditions.
    let page = usize::try_from(unsafe { libc::getauxval(libc::AT_PAGESZ) }).unwrap_or(0);
    let inside = page.wrapping_sub(1);
    let start = array.as_mut_ptr();
    let before = start.addr().wrapping_neg() & inside;
    let bytes = array.len().saturating_sub(before) & !inside;
    // SAFETY: the pages from there on have bytes of the array alone, and it is there for any bytes.
    let _ = unsafe { call(libc::SYS_madvise, start.wrapping_add(before), bytes, libc::MADV_DONTNEED, 0) };
}
