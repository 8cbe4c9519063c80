SUMMARY = "Append snapshots of /proc to a log, as lines of JSON"
DESCRIPTION = "One snapshot of /proc, one line, one write: a collector of tens of kilobytes, without heap"
HOMEPAGE = "https://example.invalid/procline"
LICENSE = "MIT | Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE-MIT;md5=639c60af821f5eaee8e20bb586063698 \
                    file://LICENSE-APACHE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# The archive of a release lies beside this recipe. `bitbake -c update_crates procline` writes the list of crates.
SRC_URI = "file://procline-${PV}.tar.gz"

inherit cargo cargo-update-recipe-crates systemd

require ${BPN}-crates.inc

# cargo runs outside the sources, so without .cargo/config.toml: time_t has 64 bits on 32-bit machines, too.
RUSTFLAGS:append = " --cfg=libc_unstable_time64"

SYSTEMD_SERVICE:${PN} = "procline.service"

do_install:append() {
    install -D -m 0644 ${S}/dist/systemd/procline.service ${D}${systemd_system_unitdir}/procline.service
    install -D -m 0644 ${S}/dist/man/procline.8 ${D}${mandir}/man8/procline.8
    install -D -m 0644 ${S}/dist/man/procline-show.1 ${D}${mandir}/man1/procline-show.1
}
