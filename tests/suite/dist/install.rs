//! `dist/install.sh`, on copies of this machine that have one init system or another.

use super::{Init, RUN, on_a_copy, with_busybox, with_openrc, with_systemd};
use crate::common::has_tool;

/// Makes a release of what the copy has, and takes procline away from where it is.
pub(super) const RELEASE: &str = "
mkdir release
mv usr/bin/procline release/
cp release/procline release/procline-show
echo '<html data-logs=\"\" data-cgi=\"/cgi-bin\">' > release/index.html
mv dist release/
mkdir -p usr/share/man/man1 usr/share/man/man8
rm -rf etc/cron.d etc/crontabs var/spool/cron var/log/private
";

/// Leaves BusyBox's init as the only one.
const BUSYBOX_INIT: &str = "
rm -rf lib/systemd usr/lib/systemd sbin/openrc-run usr/sbin/openrc-run
ln -sf /bb/init sbin/init
";

/// Begins each script: `installed` installs, `changed` prints what is not as it was before.
const SYSTEM: &str = r#"
exec 2>&1
files() {
    find /etc /usr/bin /usr/sbin /usr/local /usr/share/man /usr/share/procline /lib/systemd /var/spool /release \
        2> /dev/null | LC_ALL=C sort
    find /etc -type f -exec cksum {} + | LC_ALL=C sort -k 3
}
installer() { try sh /release/dist/install.sh "$@"; }
changed() { files > /shared/after; diff /shared/before /shared/after | grep '^[<>]' | sed 's/ [0-9]* [0-9]* / /'; }
files > /shared/before
"#;

/// What the installer says at the end.
fn says(does: &str, options: &str) -> String {
    format!(
        "procline {} is installed and {does}; the log is in /var/log/pymonitor\n\
         look at it:  tail -n 1 /var/log/pymonitor/*.log, or procline-show, or the page in /usr/share/procline/www\n\
         its options: {options}\n[0]\n",
        env!("CARGO_PKG_VERSION")
    )
}

const GONE: &str = "procline is gone; its logs are in /var/log/pymonitor\n[0]\n";

#[test]
fn it_installs_updates_and_takes_away_what_systemd_runs() {
    if !has_tool("systemctl") {
        return;
    }
    let Some(systemd) = with_systemd() else { return };
    let setup = systemd
        + RELEASE
        + "
        rm -f etc/systemd/system/procline*
        mkdir -p etc/systemd/system/multi-user.target.wants
        ln -s /dev/null etc/systemd/system/multi-user.target.wants/other.service";
    let script = r#"
        installer; systemctl is-enabled procline; within 650 recorded
        echo == again, with options; echo OPTIONS=--sync > /etc/default/procline; pid=$(pidof procline); installer
        within 50 other_pid "$pid" || echo 'the same process'; tr '\0' ' ' < /proc/$(pidof procline)/cmdline; echo
        echo == away; installer --uninstall; pidof procline; changed; recorded && echo 'the log is there'
        echo == another prefix; installer --no-start --prefix /opt/x > /dev/null; installer --uninstall; ls /opt/x/bin
    "#;
    let Some(output) = on_a_copy(Init::Systemd, &setup, &(SYSTEM.to_string() + script), 110) else {
        return;
    };
    let says = says("records each minute", "OPTIONS in /etc/default/procline");
    let expected = format!(
        "{says}enabled\n== again, with options\n{says}/usr/bin/procline --interval 60 --sync \n\
         == away\n{GONE}the log is there\n== another prefix\n{GONE}"
    );
    assert_eq!(output, expected);
}

#[test]
fn beside_a_package_only_the_unit_of_before_is_taken_away() {
    if !has_tool("systemctl") {
        return;
    }
    let Some(systemd) = with_systemd() else { return };
    // What a package brings; dpkg's and rpm's scripts see no service of Debian's or of presets.
    let setup = systemd
        + RELEASE
        + "
        rm -f etc/systemd/system/procline*
        mkdir -p etc/systemd/system/multi-user.target.wants package
        printf '#!/bin/sh\\n' > package/deb-systemd-helper
        cp package/deb-systemd-helper package/deb-systemd-invoke
        printf '#!/bin/sh\\n[ \"$*\" = \"-Qo /usr/bin/procline\" ]\\n' > package/pacman
        chmod +x package/*";
    let script = r#"
        scripts() { PATH=/package:$PATH sh $packages/deb/postinst configure; sh $packages/rpm/post 2; }
        packages=/release/dist/packages; scripts; installer --prefix /opt/x > /dev/null; pid=$(pidof procline)
        echo == over it; scripts; cp /release/dist/systemd/procline.service /usr/lib/systemd/system/
        cp /release/procline /usr/bin
        echo OPTIONS=--sync > /etc/default/procline; mv /package/pacman /usr/bin; files > /shared/before
        installer; installer --uninstall --dry-run
        installer --uninstall; changed; systemctl is-enabled procline
        readlink -f /etc/systemd/system/multi-user.target.wants/procline.service
        within 50 other_pid "$pid"; tr '\0' ' ' < /proc/$(pidof procline)/cmdline; echo; ls /opt/x/bin
        installer --uninstall
        ln -s /dev/null /etc/systemd/system/procline.service; echo == masked; scripts; installer --uninstall
    "#;
    let Some(output) = on_a_copy(Init::Systemd, &setup, &(SYSTEM.to_string() + script), 60) else {
        return;
    };
    let told = "procline: /etc/systemd/system/procline.service takes precedence over the package's; \
        install.sh --uninstall removes it\n";
    let refused = "install.sh: a package has brought procline: update or remove that\n[1]\n";
    let gone = "/etc/systemd/system/procline.service is gone; the package's stays\n[0]\n";
    let expected = format!(
        "== over it\n{told}{told}{refused}rm /etc/systemd/system/procline.service\nsystemctl -q reenable procline\n\
         systemctl -q daemon-reload\nsystemctl -q try-restart procline\n\
         rm -rf /opt/x/share/procline /opt/x/share/procline/www/cgi-bin/procline-lines\n\
         rm -f /opt/x/bin/procline /opt/x/bin/procline-show \
         /opt/x/share/man/man8/procline.8 /opt/x/share/man/man1/procline-show.1\n\
         sh -c rmdir '/opt/x/share/man/man8' '/opt/x/share/man/man1' 2> /dev/null; true\n\
         without --dry-run: {gone}{gone}\
         < /etc/systemd/system/procline.service\n< /etc/systemd/system/procline.service\nenabled\n\
         /usr/lib/systemd/system/procline.service\n/usr/bin/procline --interval 60 --sync \n\
         {refused}== masked\n{refused}"
    );
    assert_eq!(output, expected);
}

#[test]
fn it_installs_updates_and_takes_away_what_openrc_runs() {
    let Some(openrc) = with_openrc() else { return };
    let script = r"
        openrc default > /dev/null 2>&1
        quiet() { grep -v -e Caching -e '^ \* .*ing procline'; }
        mkdir /absent; printf '#!/bin/sh\nexit 1\n' > /absent/rc-update; chmod +x /absent/rc-update
        echo == cannot be enabled; PATH=/absent:$PATH installer; rm -r /absent
        echo == installed; installer | quiet; within 650 recorded
        echo == again, with options; echo 'procline_options=--sync' > /etc/conf.d/procline; installer | quiet
        within 50 pidof procline; tr '\0' ' ' < /proc/$(pidof procline)/cmdline; echo
        echo == upgraded by a package; pid=$(pidof procline); sh /release/dist/packages/apk/post-upgrade
        within 50 other_pid $pid; rc-service -q procline stop
        sh /release/dist/packages/apk/post-upgrade; pidof procline
        echo == away; installer --uninstall | quiet; within 20 stopped; changed; recorded && echo 'the log is there'
        echo == installed alone; installer --no-start --prefix /opt/x > /dev/null; rc-update -q delete procline default
        installer --uninstall; changed; ls /opt/x/bin
    ";
    // As on a fresh Debian.
    let setup = openrc + RELEASE + "rmdir etc/conf.d";
    let Some(output) = on_a_copy(Init::Shell, &setup, &(SYSTEM.to_string() + script), 110) else {
        return;
    };
    let says = says("records each minute", "/etc/conf.d/procline");
    let expected = format!(
        "== cannot be enabled\ninstall.sh: it failed: rc-update -q add procline default\n[1]\n\
         == installed\nkept: /etc/conf.d/procline\n{says}== again, with options\nkept: /etc/conf.d/procline\n{says}\
         /usr/bin/procline --interval 60 --sync \n== upgraded by a package\n\
         == away\n{GONE}the log is there\n== installed alone\n{GONE}"
    );
    assert_eq!(output, expected);
}

#[test]
fn lines_of_others_stay_as_they_were_when_a_disk_is_full() {
    let Some(busybox) = with_busybox(&[]) else { return };
    let setup = busybox
        + RELEASE
        + BUSYBOX_INIT
        + "rm -rf etc/cron.d
        mkdir -p etc/crontabs
        printf '0 0 * * * /bin/true' > etc/crontabs/root
        chmod 600 etc/crontabs/root";
    let script = r#"
        table=/etc/crontabs/root
        does() { touch -d 2001-01-01 /etc/crontabs; installer "$@" | tail -n 1; cat $table; stat -Lc %a $table; }
        noticed() { [ "$(stat -c %Y /etc/crontabs)" -gt 1000000000 ] && echo 'crond looks at it'; }
        echo == a last line without an end; does; noticed; does --uninstall; noticed
        echo == a link; mv $table /etc/table; ln -s ../table $table; does | tail -n 2; readlink $table
        mount -t tmpfs -o size=8k none /etc/crontabs
        # Not a byte more fits.
        filled() { (head -c $((8191 - ${#1})) /dev/zero | tr '\0' '\n'; echo "$1") > /saved; cat /saved > $table; }
        same() { cmp /saved $table; ls /etc/crontabs /usr/bin/procline; }
        echo == full; filled ''; installer; same
        echo == full, away; filled '* * * * * /usr/bin/procline --sync'; installer --uninstall; same
    "#;
    let Some(output) = on_a_copy(Init::Shell, &setup, &(SYSTEM.to_string() + script), 60) else {
        return;
    };
    let full = "cp: write error: No space left on device\n\
        install.sh: /etc/crontabs/root cannot be written\n[1]\n/usr/bin/procline\n\n/etc/crontabs:\nroot\n";
    let line = "* * * * * /usr/bin/procline --max-bytes 4M 2>>/dev/kmsg\n600\n";
    let expected = format!(
        "== a last line without an end\n[0]\n0 0 * * * /bin/true\n{line}crond looks at it\n\
         [0]\n0 0 * * * /bin/true\n600\ncrond looks at it\n\
         == a link\n{line}../table\n== full\n{full}== full, away\n{full}"
    );
    assert_eq!(output, expected);
}

#[test]
fn busybox_init_runs_the_new_program_and_none_after_the_removal() {
    let Some(busybox) = with_busybox(&["init", "pidof"]) else { return };
    let setup = busybox + RELEASE + BUSYBOX_INIT + "echo \"::once:" + RUN + "\" > etc/inittab";
    let script = r#"
        installer; within 50 pidof procline; pid=$(pidof procline)
        echo == again; installer | head -n 1; within 50 other_pid "$pid" || echo 'the same process'
        pidof procline | wc -w
        echo == away; installer --uninstall; within 50 stopped; sleep 3; pidof procline; changed
    "#;
    let Some(output) = on_a_copy(Init::Busybox, &setup, &(SYSTEM.to_string() + script), 40) else {
        return;
    };
    let expected = format!(
        "{}== again\nkept: procline's line in /etc/inittab\n1\n== away\n{GONE}",
        says("records each minute", "/etc/inittab")
    );
    assert_eq!(output, expected);
}

#[test]
fn it_finds_each_way_that_busybox_starts_things() {
    let Some(busybox) = with_busybox(&["start-stop-daemon", "init"]) else { return };
    // What finds procd, systemd and OpenRC is taken away, and with each step one more.
    let setup = busybox
        + RELEASE
        + BUSYBOX_INIT
        + "mkdir -p etc/crontabs etc/cron.d
        echo '0 0 * * * /bin/true' > etc/crontabs/root
        echo 'for script in /etc/init.d/S??*; do \"$script\" start; done' > etc/init.d/rcS
        echo '::sysinit:/etc/init.d/rcS' > etc/inittab";
    let script = r#"
        shown() { grep -h procline "$1"; installer --uninstall > /dev/null; changed; }
        echo == scripts; installer; within 20 pidof procline; installer --uninstall | tail -n 2
        pidof procline; changed
        echo == no start; installer --no-start; pidof procline; installer --uninstall > /dev/null; changed
        echo == another prefix; installer --no-start --prefix /usr/local | tail -n 1
        grep '^DAEMON' /etc/init.d/S90procline; ls /usr/local/bin/procline /usr/local/share/man/man?/procline*
        cd /usr/local/share/procline/www
        cat index.html; readlink logs; grep -c uci cgi-bin/procline-lines; cd /
        echo == again, and away without a word of it; installer --no-start > /dev/null; ls /usr/bin/procline
        installer --uninstall; changed; installer --uninstall
        rm /etc/init.d/rcS; files > /shared/before
        echo == inittab; installer --no-start --prefix /opt/x > /dev/null; shown /etc/inittab; ls /opt/x/bin
        installer --no-start | tail -n 2; installer --no-start | head -n 1; shown /etc/inittab
        echo == "the inits of others: System V's, and systemd that does not run"
        printf '#!/bin/sh\nexec /etc/init.d/rc S\n' > /etc/init.d/rcS; touch /sbin/sysvinit; ln -sf sysvinit /sbin/init
        mkdir -p /lib/systemd; printf '#!/bin/sh\n' > /lib/systemd/systemd; chmod +x /lib/systemd/systemd
        installer --dry-run --no-start | tail -n 2
        ln -sf ../lib/systemd/systemd /sbin/init; installer --dry-run --no-start | tail -n 2
        rm -r /lib/systemd /etc/init.d/rcS /etc/inittab; files > /shared/before
        echo == cron.d; installer | tail -n 2; shown /etc/cron.d/procline
        installer --prefix /opt/x > /dev/null; installer --uninstall > /dev/null; ls /opt/x/bin
        rmdir /etc/cron.d; files > /shared/before
        echo == crontab; installer --dry-run; changed
        installer | tail -n 2; installer --dry-run --uninstall; shown /etc/crontabs/root
        installer --prefix /opt/x > /dev/null; installer --uninstall > /dev/null; ls /opt/x/bin
        rm -r /etc/crontabs; files > /shared/before
        echo == nothing; installer; changed
        echo == wrong words; installer --prefix usr; installer --no-such | head -n 1
        echo == a package; printf '#!/bin/sh\n[ "$*" = "-Qo /usr/bin/procline" ]' > /usr/bin/pacman
        chmod +x /usr/bin/pacman; installer --dry-run; installer --dry-run --prefix /usr/local
    "#;
    let Some(output) = on_a_copy(Init::Shell, &setup, &(SYSTEM.to_string() + script), 60) else {
        return;
    };
    let end = |options: &str| format!("its options: {options}\n[0]\n");
    let expected = [
        "== scripts\n",
        &says("records each minute", "OPTIONS in /etc/default/procline"),
        GONE,
        "== no start\n",
        &says("starts with the next boot", "OPTIONS in /etc/default/procline"),
        "== another prefix\n[0]\nDAEMON=/usr/local/bin/procline\n/usr/local/bin/procline\n\
         /usr/local/share/man/man1/procline-show.1\n/usr/local/share/man/man8/procline.8\n\
         <html data-logs=\"logs/\" data-cgi=\"cgi-bin/procline-lines\">\n/var/log/pymonitor\n1\n\
         == again, and away without a word of it\nls: /usr/bin/procline: No such file or directory\n\
         Stopping procline: it is not running, OK\n",
        GONE,
        "procline is not installed\n[0]\n== inittab\n\
         ::respawn:/opt/x/bin/procline --interval 60 --max-bytes 4M 2>>/dev/kmsg\n",
        &end("/etc/inittab"),
        "kept: procline's line in /etc/inittab\n",
        "::respawn:/usr/bin/procline --interval 60 --max-bytes 4M 2>>/dev/kmsg\n",
        "== the inits of others: System V's, and systemd that does not run\n",
        &end("/etc/cron.d/procline"),
        &end("OPTIONS in /etc/default/procline"),
        "== cron.d\n",
        &end("/etc/cron.d/procline"),
        "# /etc/cron.d/procline: a record of /proc each minute. cron mails a message to MAILTO.\n",
        "* * * * * root /usr/bin/procline --keep-files 30 --max-bytes 200M\n",
        "== crontab\nput /usr/bin/procline\nput /usr/bin/procline-show\nput /usr/share/man/man1/procline-show.1\n\
         put /usr/share/man/man8/procline.8\nmkdir -p /usr/share/procline/www\n\
         put /usr/share/procline/www/index.html\nmkdir -p /usr/share/procline/www/cgi-bin\n\
         put /usr/share/procline/www/cgi-bin/procline-lines\n\
         ln -sfn /var/log/pymonitor /usr/share/procline/www/logs\nchange procline's line in /etc/crontabs/root\n\
         without --dry-run: ",
        &says("records each minute", "/etc/crontabs/root"),
        &end("/etc/crontabs/root"),
        "change procline's line in /etc/crontabs/root\n\
         rm -rf /usr/share/procline /usr/share/procline/www/cgi-bin/procline-lines\n\
         rm -f /usr/bin/procline /usr/bin/procline-show \
         /usr/share/man/man8/procline.8 /usr/share/man/man1/procline-show.1\nwithout --dry-run: ",
        GONE,
        "* * * * * /usr/bin/procline --max-bytes 4M 2>>/dev/kmsg\n",
        "== nothing\ninstall.sh: there is no init system or cron that this knows; let yours start \
         /usr/bin/procline --interval 60 --max-bytes 4M\n[1]\n",
        "== wrong words\ninstall.sh: --prefix: not a folder from / on, of letters, digits, '_', '.' and '-'\n[1]\n\
         install.sh: --no-such: no such option\n",
        "== a package\n",
        &"install.sh: a package has brought procline: update or remove that\n[1]\n".repeat(2),
    ];
    assert_eq!(output, expected.concat());
}
