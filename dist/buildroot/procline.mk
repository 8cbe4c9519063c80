################################################################################
#
# procline
#
################################################################################

PROCLINE_VERSION = 0.2.0
PROCLINE_SOURCE = procline-$(PROCLINE_VERSION).tar.gz
# The archive of a release lies beside this file, or where another site tells.
PROCLINE_SITE = $(PROCLINE_PKGDIR)
PROCLINE_SITE_METHOD = file
PROCLINE_LICENSE = MIT or Apache-2.0
PROCLINE_LICENSE_FILES = LICENSE-MIT LICENSE-APACHE

# As in Cargo.toml, which the variables of cargo-package replace.
PROCLINE_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_LTO=fat \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1

define PROCLINE_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/dist/busybox/S90procline \
		$(TARGET_DIR)/etc/init.d/S90procline
endef

define PROCLINE_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/dist/systemd/procline.service \
		$(TARGET_DIR)/usr/lib/systemd/system/procline.service
endef

define PROCLINE_INSTALL_INIT_OPENRC
	$(INSTALL) -D -m 0755 $(@D)/dist/openrc/procline \
		$(TARGET_DIR)/etc/init.d/procline
	$(INSTALL) -D -m 0644 $(@D)/dist/openrc/procline.confd \
		$(TARGET_DIR)/etc/conf.d/procline
endef

$(eval $(cargo-package))
