//! What is in `dist/server/`, each with the server that it is for: Debian's Prometheus, VictoriaMetrics, node_exporter,
//! rsyslog and BusyBox httpd, which `.ci/install` unpacks.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use procline::clock::Moment;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::common::{
    done, fixtures, has_tool, procline, procline_binary, procline_show, record_at, show_binary, skip_unless_native,
    skipped,
};
use crate::dist::{busybox, busybox_has, dist, unpacked};

/// A program that goes on until the test is over.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody has.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server that listens to this port, and waits until it does.
fn serve(command: &mut Command, port: u16) -> Server {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut server = Server { child, port };
    within(30, "the server listens", || {
        assert!(server.child.try_wait().unwrap().is_none(), "{command:?} ended");
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    server
}

/// What is there within so many seconds.
fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        sleep(Duration::from_millis(100));
    }
}

impl Server {
    /// The status of a GET, its header and its body.
    fn get(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (header, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        (header.split(' ').nth(1).unwrap().parse().unwrap(), header.to_string(), body.to_string())
    }

    /// The value of a query of one series in Prometheus, as a number; nothing where there is none, or not yet.
    fn value(&self, query: &str) -> Option<f64> {
        let mut path = "/api/v1/query?query=".to_string();
        for byte in query.bytes() {
            write!(path, "%{byte:02x}").unwrap();
        }
        let (status, _, body) = self.get(&path);
        if status == 503 {
            return None;
        }
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        answer["data"]["result"][0]["value"][1].as_str().map(|value| value.parse().unwrap())
    }
}

/// A server's program that was unpacked.
fn program(name: &str) -> Option<String> {
    let file = unpacked(name);
    let is_there = Path::new(&file).exists() || skipped(&format!("{file} is not there: .ci/install unpacks it"));
    is_there.then_some(file)
}

/// A folder in which the programs have the names that the scripts call, to be put before a PATH.
fn programs() -> TempDir {
    let folder = tempdir().unwrap();
    for (name, file) in [("procline", procline_binary()), ("procline-show", show_binary())] {
        symlink(fs::canonicalize(file).unwrap(), folder.path().join(name)).unwrap();
    }
    folder
}

fn now() -> i64 {
    Moment::now().unwrap().seconds
}

/// Appends a record of this second to the log of its day.
fn append(folder: &Path, second: i64) {
    let date = procline::clock::LocalTime::new(second, 0).date.iso();
    let mut options = fs::OpenOptions::new();
    let log = options.append(true).create(true).open(folder.join(format!("awesome_monitoring_{date}.log")));
    log.unwrap().write_all(record_at(second).as_bytes()).unwrap();
}

/// A web server with the CGI scripts. Its records of the last hour are in a folder of this name.
fn httpd(root: &Path, programs: &Path, logs: &Path) -> Server {
    fs::create_dir(root.join("cgi-bin")).unwrap();
    for name in ["metrics", "history"] {
        fs::copy(dist(&format!("server/{name}.cgi")), root.join("cgi-bin").join(name)).unwrap();
    }
    let port = free_port();
    let mut command = Command::new(busybox());
    command.args(["httpd", "-f", "-p", &format!("127.0.0.1:{port}"), "-h"]).arg(root).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    serve(command.env("PROCLINE_LOG_PATH", logs).env("TZ", "UTC0"), port)
}

#[test]
fn promtool_finds_no_fault_but_how_node_exporter_spells_the_names_of_the_kernel() {
    let Some(promtool) = program("usr/bin/promtool").filter(|_| !skip_unless_native()) else { return };
    for folder in fixtures() {
        let metrics = done(procline_show().arg("--prometheus").arg(folder.join("with.log")).output().unwrap());
        let mut check = Command::new(&promtool);
        check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = check.spawn().unwrap();
        child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let found = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        for line in found.lines() {
            let is_known = ["node_memory_", "node_netstat_"].iter().any(|name| line.starts_with(name));
            assert!(
                is_known && line.ends_with("metric names should be written in 'snake_case' not 'camelCase'"),
                "{line}"
            );
        }
        assert!(found.contains("node_memory_MemTotal_bytes"), "{found}");
    }
}

#[test]
fn prometheus_scrapes_both_scripts_of_busybox_httpd() {
    let Some(prometheus) = program("usr/bin/prometheus").filter(|_| !skip_unless_native()) else { return };
    if !busybox_has("httpd") {
        return;
    }
    let (work, programs) = (tempdir().unwrap(), programs());
    let (root, logs) = (work.path().join("root"), work.path().join("logs"));
    fs::create_dir(&root).unwrap();
    fs::create_dir(&logs).unwrap();
    let httpd = httpd(&root, programs.path(), &logs);
    // Nothing is recorded: one answers nevertheless, the other does not.
    let (status, header, metrics) = httpd.get("/cgi-bin/metrics");
    assert_eq!(status, 200, "{metrics}");
    assert!(header.to_ascii_lowercase().contains("content-type: text/plain; version=0.0.4"), "{header}");
    assert!(metrics.starts_with("# HELP node_") && metrics.ends_with('\n'), "{metrics}");
    assert_eq!(httpd.get("/cgi-bin/history").0, 500);
    let start = now();
    for minute in (0..60).rev() {
        append(&logs, start - 5 - minute * 60);
    }
    assert_eq!(httpd.get("/cgi-bin/history").0, 200);

    let port = free_port();
    let target = httpd.port;
    let job = |name: &str| {
        format!(
            "- job_name: {name}\n  metrics_path: /cgi-bin/{name}\n  \
             static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n"
        )
    };
    let config = format!("global: {{scrape_interval: 2s}}\nscrape_configs:\n{}{}", job("metrics"), job("history"));
    fs::write(work.path().join("prometheus.yml"), config).unwrap();
    let mut command = Command::new(prometheus);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}")).current_dir(work.path());
    let prometheus = serve(command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]), port);
    within(60, "both are scraped", || prometheus.value("sum(up)").filter(|sum| (sum - 2.0).abs() < 0.1));
    let minutes = "count_over_time(node_load1{job=\"history\"}[2h])";
    let found = within(30, "the hour", || prometheus.value(minutes));
    assert!((found - 60.0).abs() < 0.1, "{found} minutes");
    // The scrapes after that add none, and none is lost.
    sleep(Duration::from_secs(3));
    assert_eq!(prometheus.value(minutes), Some(60.0));
    let cpus = fs::read_to_string("/proc/stat").unwrap().lines().filter(|line| line.starts_with("cpu")).count() - 1;
    let found = prometheus.value("count(node_cpu_seconds_total{job=\"metrics\",mode=\"idle\"})");
    assert_eq!(found, Some(f64::from(u32::try_from(cpus).unwrap())));
}

/// Grafana is not needed for it: `tests/panels.py` asks Prometheus what the dashboards ask.
#[test]
fn known_dashboards_show_what_is_recorded_of_this_machine() {
    let Some(prometheus) = program("usr/bin/prometheus").filter(|_| !skip_unless_native()) else { return };
    if !has_tool("python3") {
        return;
    }
    let work = tempdir().unwrap();
    let mut recorder = procline();
    recorder.args(["--interval", "1", "--with", "all", "--log-path"]).arg(work.path());
    let mut recorder = Server { child: recorder.spawn().unwrap(), port: 0 };
    sleep(Duration::from_secs(6));
    assert!(recorder.child.try_wait().unwrap().is_none(), "procline ended");
    drop(recorder);
    let mut panels = Command::new("python3");
    panels.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/panels.py"));
    panels.args(fs::read_dir(work.path()).unwrap().map(|entry| entry.unwrap().path()));
    panels.env("PROMETHEUS", fs::canonicalize(prometheus).unwrap()).env("PROCLINE_SHOW", show_binary());
    let told = done(panels.output().unwrap());
    assert!(told.contains(" of 25 panels of Node Exporter Full have data"), "{told}");
}

/// The samples of each series in VictoriaMetrics: its name with the labels, and the times in milliseconds.
fn exported(server: &Server) -> Vec<(String, Vec<i64>)> {
    server.get("/internal/force_flush");
    let (status, _, body) = server.get("/api/v1/export?match%5B%5D=%7B__name__%3D~%22node_.*%22%7D&start=1");
    assert_eq!(status, 200, "{body}");
    let parsed = body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let times =
        |line: &Value| line["timestamps"].as_array().unwrap().iter().map(|time| time.as_i64().unwrap()).collect();
    parsed.map(|line| (line["metric"].to_string(), times(&line))).collect()
}

/// Each way to send has its tools in a folder of their own.
#[test]
fn what_is_pushed_to_victoria_metrics_has_no_gap_and_no_doubles() {
    let Some(victoria) = program("usr/bin/victoria-metrics").filter(|_| !skip_unless_native()) else { return };
    let tools = tempdir().unwrap();
    done(Command::new(busybox()).args(["--install", "-s"]).arg(tools.path()).output().unwrap());
    if !["ash", "wget", "mktemp"].into_iter().all(busybox_has) {
        return;
    }
    // Debian's BusyBox has no flock, others have.
    symlink("/usr/bin/flock", tools.path().join("flock")).unwrap();
    let curl = PathBuf::from("/usr/bin/curl");
    for by_curl in [false, true] {
        if by_curl && !curl.exists() && !skipped("curl is not installed") {
            return;
        }
        let (work, programs) = (tempdir().unwrap(), programs());
        if by_curl {
            symlink(&curl, programs.path().join("curl")).unwrap();
        }
        let (logs, port) = (work.path().join("logs"), free_port());
        fs::create_dir(&logs).unwrap();
        let start = now() - 3700;
        let mut expected: Vec<_> = (0..60).map(|minute| start + minute * 60).collect();
        for second in &expected {
            append(&logs, *second);
        }
        let push = || {
            let mut command = Command::new(busybox());
            command.arg("ash").arg(dist("server/push")).env_clear();
            command.env("PATH", format!("{}:{}", programs.path().display(), tools.path().display()));
            command.env("PROCLINE_PUSH_URL", format!("http://127.0.0.1:{port}")).env("TZ", "UTC0");
            command.env("PROCLINE_PUSH_INSTANCE", "router-1").env("PROCLINE_LOG_PATH", &logs);
            command.output().unwrap()
        };
        // The server cannot be reached for that hour.
        let output = push();
        assert!(output.status.code() == Some(1) && !output.stderr.is_empty(), "{output:?}");
        assert!(!logs.join("pushed").exists());
        let mut command = Command::new(&victoria);
        command
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .arg(format!("-storageDataPath={}", work.path().join("data").display()));
        let server = serve(command.arg("-retentionPeriod=10y"), port);
        for round in 0..3 {
            if round == 2 {
                expected.extend([start + 3600, start + 3660]);
                append(&logs, start + 3600);
                append(&logs, start + 3660);
            }
            done(push());
            let times: Vec<_> = expected.iter().map(|second| second * 1000).collect();
            let series = exported(&server);
            assert!(series.len() > 80, "{series:?}");
            for (name, found) in series {
                assert_eq!(found, times, "round {round}: {name}");
                assert!(name.contains("\"instance\":\"router-1\"") && name.contains("\"job\":\"node\""), "{name}");
            }
        }
        // What was sent is known by its second.
        let sent: i64 = fs::read_to_string(logs.join("pushed")).unwrap().trim().parse().unwrap();
        assert!((start + 3660..now()).contains(&sent));
    }
}

/// No server is needed: nothing is to be sent, or it cannot be.
#[test]
fn push_says_why_nothing_is_sent() {
    if skip_unless_native() || !has_tool("flock") {
        return;
    }
    let (programs, logs) = (programs(), tempdir().unwrap());
    let push = |name: &str, value: &Path| {
        let mut command = Command::new("sh");
        command.arg(dist("server/push")).env_clear().env("TZ", "UTC0");
        command.env("PATH", format!("{}:/usr/bin:/bin", programs.path().display()));
        command.env("PROCLINE_PUSH_URL", format!("http://127.0.0.1:{}", free_port()));
        command.env("PROCLINE_LOG_PATH", logs.path()).env(name, value);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let state = logs.path().join("pushed");
    assert_eq!(push("A", Path::new("")), (Some(0), String::new()), "no records");
    let (status, told) = push("PROCLINE_LOG_PATH", &logs.path().join("nowhere"));
    assert!(status == Some(1) && told.ends_with("nowhere: no such folder\n"), "{told}");
    let (status, told) = push("PROCLINE_PUSH_INSTANCE", Path::new("a&b"));
    assert!(status == Some(1) && told.contains("PROCLINE_PUSH_INSTANCE: letters, digits"), "{told}");
    // With a record to send, garbage in the state starts over, and a second to come is now.
    append(logs.path(), now() - 60);
    for text in ["garbage\n", "-5\n", "99999999999999999999999\n", ""] {
        fs::write(&state, text).unwrap();
        let (status, told) = push("A", Path::new(""));
        assert!(status == Some(1) && !told.is_empty(), "{text}: {told}");
    }
    fs::write(&state, "99999999999\n").unwrap();
    assert_eq!(push("A", Path::new("")), (Some(0), String::new()));
    append(logs.path(), now() + 2);
    sleep(Duration::from_secs(5));
    let sent: i64 = fs::read_to_string(&state).unwrap().trim().parse().unwrap();
    assert!(sent <= now(), "{sent}");
    assert_eq!(push("A", Path::new("")).0, Some(1), "a record since then is sent");
    fs::remove_file(programs.path().join("procline-show")).unwrap();
    let (status, told) = push("A", Path::new(""));
    assert_eq!((status, told.as_str()), (Some(1), "procline-push: procline-show is missing\n"));
}

#[test]
fn node_exporter_reads_what_the_line_for_cron_writes() {
    let Some(exporter) = program("usr/bin/prometheus-node-exporter").filter(|_| !skip_unless_native()) else { return };
    let (work, programs, port) = (tempdir().unwrap(), programs(), free_port());
    let cron = fs::read_to_string(dist("server/textfile.cron")).unwrap();
    let line = cron.lines().find_map(|line| line.strip_prefix("* * * * * root ")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env_clear().env("PATH", format!("{}:/usr/bin:/bin", programs.path().display()));
    let name = cron.lines().find_map(|line| line.strip_prefix("F=")).unwrap().rsplit('/').next().unwrap();
    done(shell.env("F", work.path().join(name)).output().unwrap());
    assert_eq!(fs::read_dir(work.path()).unwrap().count(), 1);
    let mut command = Command::new(exporter);
    // The options that the file asks for.
    let options = cron.lines().find_map(|line| line.strip_prefix("#     ")).unwrap();
    let options = options.split(' ').map(|word| match word.split_once("directory=") {
        Some((option, _)) => format!("{option}directory={}", work.path().display()),
        None => word.to_string(),
    });
    let server = serve(command.args(options).arg(format!("--web.listen-address=127.0.0.1:{port}")), port);
    let (status, _, metrics) = server.get("/metrics");
    assert_eq!(status, 200, "{metrics}");
    for line in ["node_textfile_scrape_error 0", "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} ", "node_load1 "] {
        assert!(metrics.contains(&format!("\n{line}")), "{line}: {metrics}");
    }
}

#[test]
fn rsyslog_sends_each_record_whole() {
    let Some(rsyslogd) = program("usr/sbin/rsyslogd").filter(|_| !skip_unless_native()) else { return };
    let work = tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = fs::read_to_string(dist("server/rsyslog.conf")).unwrap();
    let config = config.replace("/var/log/pymonitor", work.path().to_str().unwrap());
    let config = config.replace("192.0.2.1", "127.0.0.1").replace("\"10514\"", &format!("\"{port}\""));
    let state = format!("global(workDirectory=\"{}\")\n", work.path().display());
    fs::write(work.path().join("conf"), state + &config).unwrap();
    // A record of a large machine, 25 KB.
    let record = fs::read_to_string(crate::common::fixture("x86-64cpu-gaps").join("with.log")).unwrap();
    assert!(record.len() > 20_000);
    let record = record.split_inclusive('\n').next().unwrap();
    fs::write(work.path().join("awesome_monitoring_2026-11-20.log"), record).unwrap();
    let mut command = Command::new(rsyslogd);
    command.args(["-n", "-f"]).arg(work.path().join("conf")).arg("-i").arg(work.path().join("pid"));
    command.arg("-M").arg(unpacked("usr/lib/x86_64-linux-gnu/rsyslog"));
    command.env("LD_LIBRARY_PATH", unpacked("usr/lib/x86_64-linux-gnu"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _server = Server { child, port };
    listener.set_nonblocking(true).unwrap();
    let (stream, _) = within(30, "rsyslog connects", || listener.accept().ok());
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut line = Vec::new();
    BufReader::new(stream).read_until(b'\n', &mut line).unwrap();
    let line = String::from_utf8_lossy(&line).into_owned();
    let (_, message) = line.split_once(' ').unwrap();
    assert!(message.trim_start() == String::from_utf8_lossy(record.as_bytes()), "{message}");
}
