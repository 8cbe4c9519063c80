//! What is in `dist/`, each with the init system or cron that it is for, on a copy of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::common::{done, has_tool, json, procline_binary, recorded, skip_unless_native, skipped, to_log};

mod install;
mod procd;

/// What runs a test's script in the copy, and tells when it has ended.
const RUN: &str = "sh -c 'sh /shared/script > /shared/output 2>&1; touch /shared/done'";

/// The first process of the copy.
#[derive(Clone, Copy)]
enum Init {
    Shell,
    Busybox,
    Systemd,
}

/// A file or folder of `dist/`.
pub(crate) fn dist(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(name).to_str().unwrap().to_string()
}

/// A file that `.ci/install` unpacks, where it cannot be installed beside what this machine has.
pub(crate) fn unpacked(file: &str) -> String {
    format!("{}/target/unpacked/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// The BusyBox that was unpacked, or this machine's.
pub(crate) fn busybox() -> String {
    let unpacked = unpacked("usr/bin/busybox");
    if Path::new(&unpacked).exists() { unpacked } else { "busybox".to_string() }
}

/// Whether BusyBox has an applet. Debian's two packages have not the same.
pub(crate) fn busybox_has(applet: &str) -> bool {
    let there = Command::new(busybox()).arg("--list").output().is_ok_and(|output| {
        let list = String::from_utf8(output.stdout).unwrap();
        list.lines().any(|name| name == applet)
    });
    there || skipped(&format!("busybox has no {applet}, or is not installed"))
}

/// Installs BusyBox, with a folder of all its tools before those of this machine; none where it lacks one of `applets`.
fn with_busybox(applets: &[&str]) -> Option<String> {
    let is_there = !skip_unless_native() && applets.iter().all(|applet| busybox_has(applet));
    is_there.then(|| {
        format!(
            "[ {0} = busybox ] || cp {0} usr/bin/busybox
            mkdir bb
            chroot . busybox --install -s /bb
            MACHINE_PATH=/bb:/usr/sbin:/usr/bin\n",
            busybox()
        )
    })
}

/// Installs OpenRC, with no service but what it needs; none where it was not unpacked.
fn with_openrc() -> Option<String> {
    if skip_unless_native() {
        return None;
    }
    let openrc = unpacked("usr/sbin/openrc-run");
    if !Path::new(&openrc).exists() {
        skipped(&format!("{openrc} is missing; .ci/install unpacks it"));
        return None;
    }
    let folder = unpacked("");
    Some(format!(
        "cp -a {folder}/. .
        mkdir -p etc/conf.d etc/runlevels/default run/openrc
        rm -f etc/init.d/*
        touch run/openrc/softlevel
        # Debian's OpenRC reads these.
        mkdir etc/insserv.conf.d
        touch etc/insserv.conf\n"
    ))
}

/// Installs the units, and nothing but what a service needs starts beside them.
const UNITS: &str = "rm -rf etc/systemd/system/*.wants lib/systemd/system/*.wants
    cp dist/systemd/* etc/systemd/system/
";

/// Installs the units, and one that runs the test's script; none where there is no systemd.
fn with_systemd() -> Option<String> {
    if skip_unless_native() {
        return None;
    }
    if !Path::new("/lib/systemd/systemd").exists() {
        skipped("systemd is not installed");
        return None;
    }
    Some(format!(
        "{UNITS}
        cat > etc/systemd/system/script.service << 'end'
[Unit]
DefaultDependencies=no
After=systemd-journald.service
Wants=systemd-journald.service
[Service]
Type=oneshot
ExecStart={RUN}
end\n"
    ))
}

/// Runs `script` on a copy of this machine, in which `setup` has installed what it needs: in the folder that becomes
/// the root, which has `dist/`. What the script printed, or none if no copy can be made here.
fn on_a_copy(init: Init, setup: &str, script: &str, seconds: u64) -> Option<String> {
    if !has_tool("unshare") || !has_tool("setpriv") || !has_tool("pivot_root") || !has_tool("findmnt") {
        return None;
    }
    let work = tempdir().unwrap();
    let shared = work.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::create_dir(work.path().join("machine")).unwrap();
    let program = fs::canonicalize(procline_binary()).unwrap();
    let installed = format!(
        "rm -rf var/log/pymonitor etc/localtime
        install -m 755 '{}' usr/bin/procline
        cp -r '{}' dist\n{setup}",
        program.display(),
        dist("")
    );
    fs::write(work.path().join("setup"), installed).unwrap();
    fs::write(shared.join("script"), format!("{WAIT}{script}")).unwrap();
    let complaints = fs::File::create(work.path().join("complaints")).unwrap();
    let mut command = Command::new("sh");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/dist/machine.sh"));
    command.arg(work.path()).arg("/").stdin(Stdio::null()).stdout(Stdio::null());
    match init {
        // Not exec: a first process has to wait for the orphans of others.
        Init::Shell => command.args(["sh", "-c", &format!("{RUN}; sleep 60")]),
        Init::Busybox => command.args(["busybox", "init"]),
        Init::Systemd => command.args(["/lib/systemd/systemd", "--unit=script.service", "--log-target=journal"]),
    };
    let mut machine = command.stderr(complaints).spawn().unwrap();
    let start = Instant::now();
    let mut ended = None;
    while ended.is_none() && !shared.join("done").exists() && start.elapsed() < Duration::from_secs(seconds) {
        sleep(Duration::from_millis(20));
        ended = machine.try_wait().unwrap();
    }
    let _ = machine.kill();
    machine.wait().unwrap();
    remove_cgroup(work.path());
    let output = fs::read_to_string(shared.join("output")).unwrap_or_default();
    let complaints = fs::read_to_string(work.path().join("complaints")).unwrap();
    if !shared.join("ready").exists() {
        skipped(&format!("no copy of this machine can be made: {}", complaints.trim_end()));
        return None;
    }
    assert!(shared.join("done").exists(), "not done after {:?}:\n{output}\n{complaints}", start.elapsed());
    Some(output)
}

/// Removes the cgroup that a copy had: its last process may be gone a little later than the first.
fn remove_cgroup(work: &Path) {
    let found = Command::new("findmnt").args(["-t", "cgroup2", "-n", "-o", "TARGET"]).output().unwrap();
    let name = format!("procline-{}", work.file_name().unwrap().to_str().unwrap());
    let Some(root) = String::from_utf8(found.stdout).unwrap().lines().next().map(|root| Path::new(root).join(name))
    else {
        return;
    };
    for _ in 0..250 {
        let _ = Command::new("find").arg(&root).args(["-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]).output();
        if !root.exists() {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("{} is in use", root.display());
}

/// What procline says of a folder that is not there.
const ABSENT: &str = "procline: /absent/stat: no such file or directory; choose another procfs with --procfs";

/// What procline says of a wrong value, behind its name.
const WRONG_VALUE: &str = "--max-bytes: needs a number of bytes, as 65536, 512k, 4M or 1G; see procline --help";

/// Begins every script: what several of them need.
const WAIT: &str = include_str!("dist/wait.sh");

#[test]
fn s90procline_starts_one_and_stops_it() {
    let Some(busybox) = with_busybox(&["start-stop-daemon"]) else { return };
    let setup = busybox
        + "cp dist/busybox/S90procline etc/init.d/
        echo 'OPTIONS=\"$OPTIONS --interval 1\"' > etc/default/procline";
    let script = r#"
        procline() { try ash /etc/init.d/S90procline "$1" | sed 's/PID [0-9]*/PID n/'; }
        count() { echo "$(pidof procline | wc -w) running"; }

        echo == not started; procline status; procline stop
        echo == started; procline start; procline status; count
        [ "$(pidof procline)" = "$(cat /var/run/procline.pid)" ] || echo 'the PID is wrong'
        tr '\0' ' ' < /proc/$(pidof procline)/cmdline; echo
        record_within 30
        echo == started twice; procline start; count
        echo == restarted; pid=$(pidof procline); procline restart; other_pid $pid || echo 'the same process'; count
        echo == a stop waits; pid=$(pidof procline); kill -STOP $pid; (sleep 1; kill -CONT $pid) &
        procline stop; count; procline status
        echo == what does not stop; procline start; pid=$(pidof procline); kill -STOP $pid
        procline restart; count; kill -CONT $pid; within 50 stopped; procline stop; count

        echo == a PID file of a process that is gone; echo 99999 > /var/run/procline.pid
        procline status; procline start; count; procline stop
        echo == a PID file of another process; sleep 100 & other=$!; echo $other > /var/run/procline.pid
        procline status; procline stop; procline start; count; procline stop; count
        kill $other || echo 'another process was stopped'
        echo == a shell of that PID; /bin/sh -c 'sleep 100; :' & echo $! > /var/run/procline.pid
        procline start; count; procline stop
        echo == another word; procline begin
    "#;
    let Some(output) = on_a_copy(Init::Shell, &setup, script, 60) else {
        return;
    };
    let expected = "\
== not started
procline is not running\n[3]
Stopping procline: it is not running, OK\n[0]
== started
Starting procline: OK\n[0]
procline is running, PID n\n[0]
1 running
/usr/bin/procline --interval 60 --max-bytes 4M --compress --interval 1\u{20}
== started twice
Starting procline: it is running already, OK\n[0]
1 running
== restarted
Stopping procline: OK
Starting procline: OK\n[0]
1 running
== a stop waits
Stopping procline: OK\n[0]
0 running
procline is not running\n[3]
== what does not stop
Starting procline: OK\n[0]
Stopping procline: FAIL\n[1]
1 running
Stopping procline: it is not running, OK\n[0]
0 running
== a PID file of a process that is gone
procline is not running\n[3]
Starting procline: OK\n[0]
1 running
Stopping procline: OK\n[0]
== a PID file of another process
procline is not running\n[3]
Stopping procline: it is not running, OK\n[0]
Starting procline: OK\n[0]
1 running
Stopping procline: OK\n[0]
0 running
== a shell of that PID
Starting procline: OK\n[0]
1 running
Stopping procline: OK\n[0]
== another word
Usage: /etc/init.d/S90procline {start|stop|restart|status}\n[2]
";
    assert_eq!(output, expected);
}

#[test]
fn what_s90procline_cannot_start_is_told_and_messages_reach_the_log_of_the_kernel() {
    let Some(busybox) = with_busybox(&["start-stop-daemon"]) else { return };
    let setup = busybox + "cp dist/busybox/S90procline etc/init.d/";
    let script = r#"
        procline() { try ash /etc/init.d/S90procline "$1"; }
        echo 'OPTIONS=--no-such' > /etc/default/procline; procline start; pidof procline
        echo 'OPTIONS="--max-bytes 4X"' > /etc/default/procline; procline start; pidof procline
        echo 'DAEMON=/usr/bin/absent' > /etc/default/procline; procline start | sed 's/line [0-9]*/line n/'
        echo 'MESSAGES=/absent/messages' > /etc/default/procline; procline start
        echo 'OPTIONS="--interval 1 --procfs /absent"' > /etc/default/procline; procline start
        within 30 grep absent /dev/kmsg; procline stop; cat /dev/kmsg
    "#;
    let Some(output) = on_a_copy(Init::Shell, &setup, script, 30) else {
        return;
    };
    let expected = format!(
        "\
Starting procline: procline: --no-such: no such option; see procline --help
FAIL\n[1]
Starting procline: procline: {WRONG_VALUE}
FAIL\n[1]
Starting procline: /etc/init.d/S90procline: line n: /usr/bin/absent: not found
FAIL\n[1]
Starting procline: FAIL\n[1]
Starting procline: {ABSENT}
OK\n[0]
Stopping procline: OK\n[0]
{ABSENT}
"
    );
    assert_eq!(output, expected);
}

#[test]
fn busybox_init_starts_procline_again() {
    let Some(busybox) = with_busybox(&["init"]) else { return };
    let setup = busybox
        + "sed 's/--interval 60/--interval 1/' dist/busybox/inittab > etc/inittab
        echo \"::once:"
        + RUN
        + "\" >> etc/inittab";
    let script = "
        within 50 other_pid ''; record_within 30
        tr '\\0' ' ' < /proc/$(pidof procline)/cmdline; echo
        pid=$(pidof procline); kill $pid; within 50 other_pid $pid; record_within 30
        readlink /proc/$(pidof procline)/fd/2
    ";
    let Some(output) = on_a_copy(Init::Busybox, &setup, script, 30) else {
        return;
    };
    assert_eq!(output, "/usr/bin/procline --interval 1 --max-bytes 4M \n/dev/kmsg\n");
}

#[test]
fn cron_and_busybox_crond_record_each_minute() {
    let Some(busybox) = with_busybox(&["crond"]) else { return };
    let cron = unpacked("usr/sbin/cron");
    let has_cron = Path::new(&cron).exists() || skipped(&format!("{cron} is missing; .ci/install unpacks it"));
    let given = |file: &str| if has_cron { format!("cp {} {file}\n", unpacked(file)) } else { String::new() };
    let setup = busybox
        + "mkdir -p crontabs var/spool/cron/crontabs
        cp dist/cron/busybox.crontab crontabs/root
        sed -n 's/\\(.*procline\\) /\\1 --procfs \\/absent /p' dist/cron/busybox.crontab >> crontabs/root
        rm -rf etc/cron.d etc/cron.*ly
        mkdir etc/cron.d
        sed 's/procline/procline --log-path \\/var\\/log\\/cron/' dist/cron/procline > etc/cron.d/procline
        echo SHELL=/bin/sh > etc/crontab\n"
        + &given("usr/sbin/cron")
        + &given("etc/pam.d/cron");
    let script = "
        busybox crond -f -c /crontabs &
        [ ! -x /usr/sbin/cron ] || cron -f &
        within 650 recorded; within 10 grep absent /dev/kmsg; cat /dev/kmsg
        cat /var/log/pymonitor/*
        [ ! -x /usr/sbin/cron ] || { within 100 recorded /var/log/cron; cat /var/log/cron/*; }
    ";
    let Some(output) = on_a_copy(Init::Shell, &setup, script, 90) else {
        return;
    };
    let (message, records) = output.split_once('\n').unwrap();
    assert_eq!(message, ABSENT);
    assert_eq!(records.lines().count(), 1 + usize::from(has_cron), "{output}");
    records.lines().for_each(|line| drop(json(line)));
}

#[test]
fn openrc_starts_one_starts_it_again_and_stops_it() {
    let Some(openrc) = with_openrc() else { return };
    let setup = openrc
        + "cp dist/openrc/procline etc/init.d/
        cp dist/openrc/procline.confd etc/conf.d/procline
        sed -i 's/--interval 60/--interval 1/' etc/init.d/procline
        echo respawn_delay=1 >> etc/conf.d/procline";
    let script = r#"
        procline() { try rc-service --nocolor procline "$1" | grep -v Caching; }
        count() { echo "$(pidof procline | wc -w) running"; }
        echo == not started; procline status
        echo == a boot; rc-update -q add procline default; try openrc default | grep -v Caching
        procline status; record_within 30; count
        tr '\0' ' ' < /proc/$(pidof procline)/cmdline; echo
        readlink /proc/$(pidof procline)/fd/2
        echo == started twice; procline start; count
        echo == killed; pid=$(pidof procline); kill -KILL $pid; within 50 other_pid $pid; record_within 30; count
        echo == restarted; pid=$(pidof procline); procline restart; within 10 other_pid $pid; count
        echo == stopped; procline stop; procline status; count
        echo == a file of /proc is missing
        echo 'procline_options="--procfs /absent --interval 1"' > /etc/conf.d/procline; procline start
        within 30 grep absent /dev/kmsg; cat /dev/kmsg; procline stop
        echo == a wrong option; echo 'procline_options=--no-such' > /etc/conf.d/procline; procline start; count
        echo == a wrong value; echo 'procline_options="--max-bytes 4X"' > /etc/conf.d/procline; procline start; count
    "#;
    let Some(output) = on_a_copy(Init::Shell, &setup, script, 60) else {
        return;
    };
    let expected = format!(
        "\
== not started
 * status: stopped\n[3]
== a boot
 * Starting procline ... [ ok ]\n[0]
 * status: started\n[0]
1 running
/usr/bin/procline --interval 1 --keep-files 7 --max-bytes 32M\u{20}
/dev/kmsg
== started twice
 * WARNING: procline has already been started\n[0]
1 running
== killed
1 running
== restarted
 * Stopping procline ... [ ok ]
 * Starting procline ... [ ok ]\n[0]
1 running
== stopped
 * Stopping procline ... [ ok ]\n[0]
 * status: stopped\n[3]
0 running
== a file of /proc is missing
{ABSENT}
 * Starting procline ... [ ok ]\n[0]
{ABSENT}
 * Stopping procline ... [ ok ]\n[0]
== a wrong option
procline: --no-such: no such option; see procline --help
 * ERROR: procline failed to start\n[1]
0 running
== a wrong value
procline: {WRONG_VALUE}
 * ERROR: procline failed to start\n[1]
0 running
"
    );
    assert_eq!(output, expected);
}

#[test]
fn scripts_are_plain_shell() {
    // For shellcheck: the shell, and what it may find.
    let scripts = [
        ("busybox/S90procline", "sh", ""),
        // OpenRC reads some variables and conf.d sets others.
        ("openrc/procline", "sh", "SC2034,SC2154"),
        // So it is with rc.common; and OpenWrt's shell has `local`.
        ("procd/procline.init", "dash", "SC2034"),
        ("server/metrics.cgi", "sh", ""),
        ("server/history.cgi", "sh", ""),
        ("server/push", "sh", ""),
        ("install.sh", "sh", ""),
        ("openwrt/procline/test.sh", "sh", ""),
        ("www/lines.cgi", "sh", ""),
    ];
    let (has_ash, has_shellcheck) = (busybox_has("ash"), has_tool("shellcheck"));
    let has_checkbashisms = has_tool("checkbashisms");
    for (name, shell, exceptions) in scripts {
        done(Command::new("sh").arg("-n").arg(dist(name)).output().unwrap());
        if has_ash {
            done(Command::new(busybox()).args(["ash", "-n"]).arg(dist(name)).output().unwrap());
        }
        if has_shellcheck {
            let mut shellcheck = Command::new("shellcheck");
            done(shellcheck.args(["-s", shell, "-e", exceptions]).arg(dist(name)).output().unwrap());
        }
        if has_checkbashisms && exceptions.is_empty() {
            done(Command::new("checkbashisms").arg("-p").arg(dist(name)).output().unwrap());
        }
    }
}

#[test]
fn mandoc_finds_no_fault_in_the_manuals() {
    if !has_tool("mandoc") {
        return;
    }
    for manual in fs::read_dir(dist("man")).unwrap() {
        let path = manual.unwrap().path();
        let output = Command::new("mandoc").args(["-T", "lint", "-W", "style"]).arg(&path).output().unwrap();
        let faults = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        // Which other manuals a machine has is no fault of these.
        let others = ["referenced manual not found", "outdated mandoc.db"];
        let faults = faults.lines().filter(|line| !others.iter().any(|other| line.contains(other)));
        assert_eq!(faults.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}

#[test]
fn the_readme_has_each_file() {
    let readme = fs::read_to_string(dist("README.md")).unwrap();
    // The page is installed as one file; what it is made of is not.
    let is_installed = |path: &PathBuf| path.is_dir() && !path.ends_with("www");
    for folder in fs::read_dir(dist("")).unwrap().map(|entry| entry.unwrap().path()).filter(is_installed) {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(dist("")).unwrap().to_str().unwrap();
            assert!(readme.contains(&format!("`{name}`")), "{name} is not in dist/README.md");
        }
    }
}

#[test]
fn systemd_finds_no_fault_in_the_units_and_little_exposure() {
    if skip_unless_native() || !has_tool("systemd-analyze") {
        return;
    }
    let script = "
        cd /etc/systemd/system
        try systemd-analyze verify ./procline.service ./procline-record.service ./procline-record.timer
        # The threshold is in tenths.
        for service in procline procline-record; do
            systemd-analyze security --no-pager --offline=true --threshold=6 ./$service.service > report
            echo \"[$?]\"
            tail -n 1 report >&3
        done
    ";
    let Some(output) = on_a_copy(Init::Shell, UNITS, &format!("exec 3> /shared/exposure\n{script}"), 30) else {
        return;
    };
    assert_eq!(output, "[0]\n[0]\n[0]\n");
}

#[test]
fn both_services_have_the_same_sandbox() {
    let sandbox = |name: &str| {
        let unit = fs::read_to_string(dist(name)).unwrap();
        let rest = unit.split_once("\n# A user of its own").unwrap().1.split("\n[Install]").next().unwrap();
        rest.trim_end().to_string()
    };
    assert_eq!(sandbox("systemd/procline.service"), sandbox("systemd/procline-record.service"));
}

#[test]
fn the_services_allow_each_system_call_that_is_made() {
    if skip_unless_native() || !has_tool("strace") || !has_tool("systemd-analyze") {
        return;
    }
    let unit = fs::read_to_string(dist("systemd/procline.service")).unwrap();
    let filter = unit.lines().find_map(|line| line.strip_prefix("SystemCallFilter=")).unwrap();
    let (groups, mut allowed): (Vec<_>, Vec<_>) =
        filter.split(' ').map(str::to_string).partition(|word| word.starts_with('@'));
    let calls = Command::new("systemd-analyze").arg("syscall-filter").args(groups).output().unwrap();
    let calls = done(calls);
    allowed.extend(calls.lines().map(|line| line.trim().to_string()));

    let (folder, _, _) = recorded();
    for day in 1..9 {
        fs::write(folder.path().join(format!("awesome_monitoring_2024-12-0{day}.log")), "x".repeat(9000)).unwrap();
    }
    let trace = folder.path().join("trace");
    let program = to_log(folder.path());
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&trace).args(["timeout", "-s", "TERM", "3"]);
    strace.arg(program.get_program()).args(program.get_args());
    strace.args(["--interval", "1", "--keep-files", "3", "--max-bytes", "64k", "--sync"]).env_clear();
    strace.env("PATH", "/usr/bin:/bin").env("PROCLINE_WITH", "all").status().unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    // timeout(1) is the first process.
    let start = format!("execve({:?}", procline_binary());
    let own = trace.lines().find(|line| line.contains(&start)).unwrap().split(' ').next().unwrap();
    let made: Vec<_> = trace
        .lines()
        .filter_map(|line| line.strip_prefix(own)?.trim_start().split_once('(').map(|(name, _)| name))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        .collect();
    for call in ["flock", "fdatasync", "getdents64", "statfs"] {
        assert!(made.contains(&call), "no {call} in {made:?}");
    }
    for call in made {
        assert!(allowed.iter().any(|name| name == call), "{call} is not in {filter}");
    }
}

#[test]
fn systemd_runs_both_services_in_their_sandbox() {
    let Some(systemd) = with_systemd() else { return };
    let setup = systemd
        + "
        mkdir -p var/log/pymonitor etc/systemd/system/procline.service.d
        touch var/log/pymonitor/old.log
        cat > etc/systemd/system/procline.service.d/faster.conf << 'end'
[Service]
Environment=PROCLINE_WITH=all
ExecStart=
ExecStart=/usr/bin/procline --interval 1 --keep-files 30 --max-bytes 200M --sync
RestartSec=1
end";
    let script = r#"
        exec 2>&1
        state() { systemctl show --value -p "$2" "$1"; }
        fails() { ! systemctl -q is-active "$1"; }
        # Whether the service has the namespace that all others have: the machine's interfaces (net), its mounts (mnt).
        own() { [ /proc/self/ns/$1 -ef /proc/$(state procline MainPID)/ns/$1 ]; }

        echo == the service; systemctl -q enable --now procline; systemctl is-enabled procline
        stat -L -c %U /var/log/pymonitor/old.log; record_within 30
        readlink /var/log/pymonitor; stat -L -c '%U %a' /var/log/pymonitor/*.log
        grep -h -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/$(state procline MainPID)/status
        [ "$(state procline MainPID)" = "$(pidof procline)" ] || echo 'not one process'
        own net || echo 'the traffic is of no interface of the machine'
        echo == killed; pid=$(pidof procline); kill -KILL $pid; within 50 other_pid $pid; record_within 30
        echo == one record beside it; rm /var/log/pymonitor/*; try systemctl start procline-record; recorded && echo recorded
        echo == stopped; systemctl stop procline; state procline Result; state procline ExecMainStatus; pidof procline

        echo == the timer, and the service comes; systemctl start procline-record.timer; systemctl start procline
        systemctl is-active procline-record.timer procline
        echo == the service, and the timer comes; systemctl start procline-record.timer
        systemctl is-active procline-record.timer procline; pidof procline
        echo == the timer; record_within 650; cut -c 1-10 /var/log/pymonitor/* | while read now; do echo $((now % 60)); done
        state procline-record Result; state procline-record.timer AccuracyUSec
        systemctl stop procline-record.timer

        echo == a message; f=/etc/systemd/system/procline-record.service.d; mkdir $f
        printf '[Service]\nExecStart=\nExecStart=/usr/bin/procline --procfs /absent\n' > $f/absent.conf
        systemctl daemon-reload
        systemctl start procline-record 2> /dev/null; echo "[$?]"; journalctl --sync
        journalctl -q -o cat _COMM=procline SYSLOG_IDENTIFIER=procline
        echo == a wrong option; sed -i 's/--sync/--no-such/' /etc/systemd/system/procline.service.d/faster.conf
        # It ends so soon that systemctl may hear of it.
        systemctl daemon-reload; systemctl start procline 2> /dev/null; within 50 fails procline; sleep 1.5
        state procline NRestarts; state procline Result
        echo == the mounts of the machine; useradd --system procline
        cp /dist/systemd/filesystem.conf /etc/systemd/system/procline.service.d/
        sed -i 's/--no-such/--sync/' /etc/systemd/system/procline.service.d/faster.conf
        systemctl daemon-reload; systemctl start procline; record_within 30
        own mnt || echo 'it has mounts of its own'
        stat -c '%F of %U' /var/log/pymonitor
        grep -h -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/$(state procline MainPID)/status
    "#;
    let Some(output) = on_a_copy(Init::Systemd, &setup, script, 110) else {
        return;
    };
    let expected = format!(
        "\
== the service
enabled
procline
private/pymonitor
procline 644
CapBnd:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
== killed
== one record beside it
[0]
recorded
== stopped
success
0
== the timer, and the service comes
inactive
active
== the service, and the timer comes
active
inactive
== the timer
0
success
100ms
== a message
[1]
{ABSENT}
== a wrong option
0
exit-code
== the mounts of the machine
directory of procline
CapBnd:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
"
    );
    assert_eq!(output, expected);
}
