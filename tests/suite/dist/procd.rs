//! The service for OpenWrt, with stubs for procd, uci and the shell library that it is written for.

use std::fs;

use super::install::RELEASE;
use super::{ABSENT, Init, WRONG_VALUE, dist, on_a_copy, with_busybox};

/// Installs the procd service, with stubs for what it has of OpenWrt.
fn with_procd() -> Option<String> {
    let installed = with_busybox(&["ash"])?
        + "mkdir -p etc/config sbin
        cp dist/procd/procline.init etc/init.d/procline
        ln -sf /bb/sh bin/sh
        cat > usr/bin/uci << 'end'\n"
        + include_str!("uci")
        + "end\nchmod +x usr/bin/uci\ncat > etc/rc.common << 'end'\n"
        + include_str!("rc.common")
        + "end\n";
    Some(installed)
}

/// What a script printed on a copy with the service, and with what `setup` does there.
fn on_procd(setup: &str, script: &str) -> Option<String> {
    on_a_copy(Init::Shell, &(with_procd()? + setup), &(CONFIGURED.to_string() + script), 30)
}

/// Begins each script: `configured` takes the configuration from standard input.
const CONFIGURED: &str = "
start() { /etc/init.d/procline start 2>&1; }
configured() { cat > /etc/config/procline; start; }
";

/// What procd gets of a section.
fn instance(section: &str, command: &str) -> String {
    format!("instance: {section}\nstderr: '1'\nrespawn:\ncommand: '/usr/bin/procline' {command}\n")
}

const RELOAD: &str = "reload trigger: 'procline' 'fstab'\n";
/// What logd gets.
const LOGGED: &str = "logger -s -t procline -p daemon.err";
const LOG_PATH: &str = "'--log-path=/var/log/pymonitor'";

#[test]
fn procd_gets_the_options_of_the_configuration() {
    let script = r#"
        echo == the file of dist; cp /etc/config/procline /saved; start
        echo == not enabled; sed "s/enabled '1'/enabled '0'/" /saved | configured
        echo == all that is commented; sed 's/#option/option/' /saved | configured
        echo == all there is
        RUN=1 configured << end
config procline 'main'
	option interval '1'
	option log_path '/mnt/usb stick/log'
	option log_prefix '--a b'
	option log_suffix '.router'
	option with 'netdev,filesystem'
	option keep_files '3'
	option max_bytes '512k'
	option no_intr_counters 'yes'
	option compress '1'
	option sync '1'
	option procfs '/proc'
	option sysfs '/sys'
	option rootfs '/mnt/usb stick'
end
        within 30 recorded '/mnt/usb stick/log'
        ls '/mnt/usb stick/log' | tr 0-9 n
        echo == nothing more, as pymonitor; sed "s/enabled/pymonitor/; s/with '.*'/with ''/" /saved | configured
        echo == two sections, one without a name
        configured << end
config procline
	option log_prefix 'a'
config other 'one'
	option interval '5'
config procline 'second'
	option max_bytes '4M'
	option enabled 'false'
config procline 'third'
	option interval '3600'
end
        echo == in a jail
        configured << end
config procline 'main'
	option jail '1'
end
    "#;
    let Some(output) = on_procd("cp dist/procd/procline.config etc/config/procline", script) else { return };
    let with = "'--with=netdev,filesystem,thermal_zone,hwmon,conntrack,flash'";
    let small = instance("main", &format!("'--interval=60' {LOG_PATH} '--max-bytes=2M'"));
    let expected = [
        "== the file of dist\n",
        &instance(
            "main",
            &format!("'--interval=60' {LOG_PATH} {with} '--max-bytes=2M' '--no-intr-counters' '--compress'"),
        ),
        RELOAD,
        "== not enabled\n",
        RELOAD,
        "== all that is commented\n",
        &instance(
            "main",
            &format!(
                "'--interval=60' {LOG_PATH} '--log-prefix=awesome_monitoring_' {with} '--keep-files=30' \
                 '--max-bytes=2M' '--procfs=/proc' '--sysfs=/sys' '--no-intr-counters' '--compress'"
            ),
        ),
        RELOAD,
        "== all there is\n",
        &instance(
            "main",
            "'--interval=1' '--log-path=/mnt/usb stick/log' '--log-prefix=--a b' '--log-suffix=.router' \
             '--with=netdev,filesystem' '--keep-files=3' '--max-bytes=512k' '--procfs=/proc' '--sysfs=/sys' \
             '--rootfs=/mnt/usb stick' '--no-intr-counters' '--compress' '--sync'",
        ),
        RELOAD,
        "--a bnnnn-nn-nn.router.log\n",
        "== nothing more, as pymonitor\n",
        &instance(
            "main",
            &format!("'--interval=60' {LOG_PATH} '--max-bytes=2M' '--no-intr-counters' '--pymonitor' '--compress'"),
        ),
        RELOAD,
        "== two sections, one without a name\n",
        &instance("cfg01abcd", &format!("'--interval=60' {LOG_PATH} '--log-prefix=a' '--max-bytes=2M'")),
        &instance("third", &format!("'--interval=3600' {LOG_PATH} '--max-bytes=2M'")),
        RELOAD,
        "== in a jail\n",
        &small.replace(
            "command",
            "jail: procline.main procfs sysfs\njail sees: /etc/TZ /etc/localtime /usr/share/zoneinfo\n\
             jail writes: /var/log/pymonitor\nno_new_privs: '1'\ncommand",
        ),
        RELOAD,
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn what_is_wrong_in_the_configuration_of_procd_is_told() {
    let script = r#"
        with() { printf "config procline 'main'\n\toption %s '%s'\n" "$@" | configured; }
        echo == no file; start
        echo == an empty file; configured < /dev/null
        echo == no file that uci can read; echo 'option interval 5; oops' | sed 's/;.*/\noops/' | configured
        echo == a wrong value; with max_bytes 4X
        echo == a wrong number; with interval ten
        echo == a misspelt option; with max_byte 4M
        echo == neither on nor off; with sync maybe
        echo == a folder that depends; with log_path log
        echo == a file of /proc is missing; with procfs /absent
        echo == no program; mv /usr/bin/procline /saved; with interval 5
    "#;
    let Some(output) = on_procd("", script) else { return };
    let defaults = format!("'--interval=60' {LOG_PATH} '--max-bytes=2M'");
    let none = format!(
        "{LOGGED} /etc/config/procline has no section of the type procline, so all options have their defaults\n"
    );
    let expected = [
        "== no file\n",
        &format!("{LOGGED} /etc/config/procline cannot be read: uci: Entry not found\n{none}"),
        &instance("main", &defaults),
        RELOAD,
        "== an empty file\n",
        &none,
        &instance("main", &defaults),
        RELOAD,
        "== no file that uci can read\n",
        &format!(
            "{LOGGED} /etc/config/procline cannot be read: uci: Parse error (invalid command) at line 2, byte 0\n{none}"
        ),
        &instance("main", &defaults),
        RELOAD,
        &format!("== a wrong value\n{LOGGED} section main: {}\n", WRONG_VALUE.replacen(':', "=4X:", 1)),
        RELOAD,
        "== a wrong number\n",
        &format!("{LOGGED} section main: --interval=ten: needs a number of seconds, 1 to 86400; see procline --help\n"),
        RELOAD,
        &format!("== a misspelt option\n{LOGGED} section main: no option has the name max_byte\n"),
        &instance("main", &defaults),
        RELOAD,
        "== neither on nor off\n",
        &format!("{LOGGED} section main: option sync 'maybe' is neither 1 nor 0, and counts as 0\n"),
        &instance("main", &defaults),
        RELOAD,
        &format!("== a folder that depends\n{LOGGED} section main: option log_path 'log' does not begin with /\n"),
        RELOAD,
        &format!("== a file of /proc is missing\n{LOGGED} section main: {}\n", ABSENT.trim_start_matches("procline: ")),
        &instance("main", &format!("{defaults} '--procfs=/absent'")),
        RELOAD,
        &format!("== no program\n{LOGGED} /usr/bin/procline is missing\n"),
        RELOAD,
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn the_procd_service_waits_for_the_disk_of_its_log() {
    let setup = r#"cat > etc/config/fstab << 'end'
config global
	option anon_swap '0'
config mount
	option target '/mnt/usb stick/'
config mount 'other'
	option target '/mnt/usb'
end
        mkdir -p 'mnt/usb stick'
        printf "config procline 'main'\n\toption log_path '/mnt/usb stick/a/b'\n" > etc/config/procline"#;
    let script = "
        start
        mount -t tmpfs none '/mnt/usb stick'; start
        umount '/mnt/usb stick'; ls -A '/mnt/usb stick'
        sed -i 's|/usb.*|/|; s|/mnt||' /etc/config/fstab; start
    ";
    let Some(output) = on_procd(setup, script) else { return };
    let triggers = format!("{RELOAD}start when mounted: '/mnt/usb stick'\n");
    let started = instance("main", "'--interval=60' '--log-path=/mnt/usb stick/a/b' '--max-bytes=2M'");
    let expected = [
        &format!("{LOGGED} section main waits until something is mounted on /mnt/usb stick\n"),
        &triggers,
        &started,
        &triggers,
        // Only the root folder is in fstab.
        &started,
        RELOAD,
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn procd_runs_it_as_a_user_of_its_own_who_has_the_folder() {
    let setup = "echo procline:x:32768:32768:procline:/var/run/procline:/bin/false >> etc/passwd";
    let script = r#"
        with() { printf "config procline 'main'\n\toption interval '1'\n\toption log_path '%s'\n" "$@" | configured; }
        owned() { stat -c '%u %a' "$1" "$1"/*.log; grep '^Uid' /proc/$(pidof procline)/status; }
        end() { kill $(pidof procline); within 20 stopped; }
        echo == a new folder; RUN=1 with /var/log/pymonitor; record_within 30; owned /var/log/pymonitor; end
        echo == once more; RUN=1 with /var/log/pymonitor; record_within 30; owned /var/log/pymonitor; end
        echo == a folder of root; mkdir /var/log/mine; RUN=1 with /var/log/mine
        within 30 recorded /var/log/mine; owned /var/log/mine; end
    "#;
    let Some(output) = on_procd(setup, script) else { return };
    let instance = |folder: &str, user: &str| {
        instance("main", &format!("'--interval=1' '--log-path={folder}' '--max-bytes=2M'"))
            .replace("respawn:\n", &format!("respawn:\n{user}"))
            + RELOAD
    };
    let own =
        instance("/var/log/pymonitor", "user: procline\n") + "32768 755\n32768 644\nUid:\t32768\t32768\t32768\t32768\n";
    let expected = [
        format!("== a new folder\n{own}== once more\n{own}== a folder of root\n"),
        instance("/var/log/mine", ""),
        "0 755\n0 644\nUid:\t0\t0\t0\t0\n".to_string(),
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn the_installer_brings_the_service_and_its_user_and_takes_them_away() {
    let setup = RELEASE.to_string()
        + "rm etc/init.d/procline
        mkdir -p lib/upgrade/keep.d www/cgi-bin
        touch etc/config/other
        printf '#!/bin/sh\\necho reload_config\\n' > usr/bin/reload_config
        echo 'user_add() { echo $1:x:32768:32768:::/bin/false >> /etc/passwd; echo $1:x::::::: >> /etc/shadow; }' > lib/functions.sh
        touch sbin/procd
        chmod +x sbin/procd usr/bin/reload_config";
    let script = "
        files() {
            find /etc/init.d /etc/config /lib/upgrade /usr/bin /usr/share/procline /www | sort
            cat /etc/passwd /etc/shadow
        }
        installer() { sh /release/dist/install.sh $1 2>&1 | grep -v ^procline; }
        files > /shared/before 2> /dev/null
        installer; find /etc/config /etc/init.d/procline /lib/upgrade/keep.d /www -type f | sort
        grep -c procline /etc/passwd; cat /www/procline/index.html; readlink /www/procline/logs
        for kept in $(grep -v rc.d /lib/upgrade/keep.d/procline); do [ -e $kept ] || echo \"$kept is not there\"; done
        echo == again; installer | head -n 1; grep -c procline /etc/passwd
        echo == away; installer --uninstall; files 2> /dev/null | diff /shared/before -
    ";
    let Some(output) = on_procd(&setup, script) else { return };
    let with = "'--with=netdev,filesystem,thermal_zone,hwmon,conntrack,flash'";
    let expected = [
        "enable\n",
        &instance(
            "main",
            &format!("'--interval=60' {LOG_PATH} {with} '--max-bytes=2M' '--no-intr-counters' '--compress'"),
        )
        .replace("respawn:\n", "respawn:\nuser: procline\n"),
        RELOAD,
        "reload_config\n\
         look at it:  tail -n 1 /var/log/pymonitor/*.log, or procline-show, or the page in /www/procline\n\
         its options: uci set procline.main.interval=10; uci commit procline; reload_config\n\
         /etc/config/other\n/etc/config/procline\n/etc/init.d/procline\n/lib/upgrade/keep.d/procline\n\
         /www/cgi-bin/procline-lines\n/www/procline/index.html\n1\n\
         <html data-logs=\"logs/\" data-cgi=\"/cgi-bin/procline-lines\">\n/var/log/pymonitor\n\
         == again\nkept: /etc/config/procline\n1\n== away\nstop\ndisable\n",
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn the_package_of_openwrt_has_reload_config_know_its_file_but_not_in_an_image() {
    let setup = "mkdir -p image/lib
        echo 'default_postinst() { echo \"default_postinst ${1##*/} $2\"; [ -z \"$broken\" ]; }' > lib/functions.sh
        cp lib/functions.sh image/lib/
        printf '#!/bin/sh\\necho reload_config\\n' > usr/bin/reload_config
        chmod +x usr/bin/reload_config";
    let script = "
        postinst() { try sh /dist/packages/ipk/postinst configure; }
        postinst; IPKG_INSTROOT=/image postinst; IPKG_NO_SCRIPT=1 postinst; broken=1 postinst
    ";
    let Some(output) = on_procd(setup, script) else { return };
    let by_openwrt = "default_postinst postinst configure\n";
    assert_eq!(output, format!("{by_openwrt}reload_config\n[0]\n{by_openwrt}[0]\n[0]\n{by_openwrt}[1]\n"));
}

#[test]
fn what_sysupgrade_keeps_is_what_the_readme_installs_and_what_enable_links() {
    let keep = fs::read_to_string(dist("procd/procline.keep")).unwrap();
    let script = fs::read_to_string(dist("procd/procline.init")).unwrap();
    let set = |name: &str| script.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap();
    let links = [format!("/etc/rc.d/S{}procline", set("START")), format!("/etc/rc.d/K{}procline", set("STOP"))];
    for file in links.iter().map(String::as_str).chain([set("PROG"), "/etc/init.d/procline"]) {
        assert!(keep.lines().any(|line| line == file), "{file}");
    }
    let readme = fs::read_to_string(dist("README.md")).unwrap();
    let kept = keep.lines().filter(|line| !line.starts_with("/etc/rc.d/") && !line.ends_with("-show"));
    kept.for_each(|file| assert!(readme.contains(&format!("`{file}`")), "{file} is not in dist/README.md"));
}
