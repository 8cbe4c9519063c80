//! What the linker asks of a program without std. Both programs have this file as a module.

#[cfg(feature = "beside-tests")]
extern crate std;

/// What a program without std has to say about panics, of which it has none.
#[cfg(not(feature = "beside-tests"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    procline::sys::exit(134)
}

/// What core, compiled for programs that unwind, refers to. Nothing here unwinds.
#[cfg(not(feature = "beside-tests"))]
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
