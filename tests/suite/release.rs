//! The version and the address of the project, in all places that name them: one that differs fails here.

use std::fs;

use crate::dist::dist;

/// A file of this project.
fn file(name: &str) -> String {
    fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What stands in the only line of a file that begins so, without quotes.
fn value(name: &str, start: &str) -> String {
    let text = file(name);
    let found: Vec<_> = text.lines().filter_map(|line| line.trim_start().strip_prefix(start)).collect();
    assert_eq!(found.len(), 1, "{start} in {name}");
    found.concat().trim_matches('"').to_string()
}

/// The version that a lock file has for procline.
fn locked(name: &str) -> String {
    let text = file(name);
    let (_, package) = text.split_once("[[package]]\nname = \"procline\"\nversion = \"").unwrap();
    package.split('"').next().unwrap().to_string()
}

#[test]
fn each_place_has_the_same_version() {
    let version = env!("CARGO_PKG_VERSION");
    let places = [
        ("Cargo.lock", locked("Cargo.lock")),
        ("tests/fuzz/Cargo.lock", locked("tests/fuzz/Cargo.lock")),
        ("Alpine", value("dist/alpine/APKBUILD", "pkgver=")),
        ("Buildroot", value("dist/buildroot/procline.mk", "PROCLINE_VERSION = ")),
        ("OpenWrt", value("dist/openwrt/procline/Makefile", "PKG_VERSION:=")),
    ];
    for (place, found) in places {
        assert_eq!(found, version, "{place}");
    }
    let recipes: Vec<_> = fs::read_dir(dist("yocto")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(recipes, [format!("procline_{version}.bb").as_str()]);
    let changelog = file("CHANGELOG.md");
    let latest = changelog.lines().find_map(|line| line.strip_prefix("## [")?.split(']').next());
    assert_eq!(latest, Some(version), "CHANGELOG.md");
    let readme = file("dist/README.md");
    for name in [
        format!("procline-{version}.tar.gz"),
        format!("yocto/procline_{version}.bb"),
        format!("procline_{version}_arm64.deb"),
        format!("procline_{version}_mips_24kc.ipk"),
        format!("procline-page_{version}_all.ipk"),
        format!("procline-{version}-1.aarch64.rpm"),
        format!("procline-{version}-1-x86_64.pkg.tar.zst"),
        format!("procline_{version}_aarch64.apk"),
    ] {
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in dist/README.md");
    }
}

#[test]
fn each_place_has_the_same_address() {
    let address = env!("CARGO_PKG_REPOSITORY");
    let recipe = format!("dist/yocto/procline_{}.bb", env!("CARGO_PKG_VERSION"));
    let places = [
        ("Alpine", value("dist/alpine/APKBUILD", "url=")),
        ("OpenWrt", value("dist/openwrt/procline/Makefile", "URL:=")),
        ("the packages", value("dist/packages/nfpm.yaml", "homepage: ")),
        ("the page's package", value("dist/packages/page.yaml", "homepage: ")),
        ("Debian's copyright", value("dist/packages/deb/copyright", "Source: ")),
        ("Yocto", value(&recipe, "HOMEPAGE = ")),
    ];
    for (place, found) in places {
        assert_eq!(found, address, "{place}");
    }
    assert!(file("dist/buildroot/Config.in").lines().any(|line| line.trim_start() == address), "Buildroot");
}

#[test]
fn the_packages_file_of_options_tells_the_default_of_both_services() {
    let default = value("dist/systemd/procline.service", "Environment=\"OPTIONS=");
    assert_eq!(value("dist/systemd/procline-record.service", "Environment=\"OPTIONS="), default);
    let options = file("dist/packages/options");
    assert!(options.contains(&format!("in place of \"{default}\"")), "{default}");
    assert!(options.contains(&format!("\n#OPTIONS=\"{default} ")), "{default}");
}
