//! Settles what is built into the program: the defaults and capacities of `src/config.rs`.
//!
//! Each setting can be given in the environment as `PROCLINE_BUILD_<NAME>`; an unknown name or a bad
//! value stops the build. `src/config.rs` reads the outcome with `env!`, and `src/version.txt`
//! gets it in place of `{<NAME>}`, so a default is written here alone.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io, process};

/// What a setting may be.
enum Kind {
    /// A folder's path.
    Folder,
    /// A part of a file's name.
    NamePart,
    /// A number of bytes within these bounds.
    Bytes(usize, usize),
    /// Any word.
    Word,
}

/// The settings. The first step is not checked against the stack limit, so it fits the smallest there is, 64 KiB.
///
/// Name behind `PROCLINE_BUILD_`, default, kind. The README has the same table.
const SETTINGS: &[(&str, &str, Kind)] = &[
    ("LOG_PATH", "/var/log/pymonitor", Kind::Folder),
    ("LOG_PREFIX", "awesome_monitoring_", Kind::NamePart),
    ("LOG_SUFFIX", "", Kind::NamePart),
    ("PROCFS", "/proc", Kind::Folder),
    ("FIRST_STEP", "8192", Kind::Bytes(2048, 32768)),
    ("PATH_BYTES", "1024", Kind::Bytes(256, 4096)),
    ("COMMIT", "", Kind::Word),
];

const PREFIX: &str = "PROCLINE_BUILD_";

fn main() {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if let Some(rest) = name.strip_prefix(PREFIX)
            && !SETTINGS.iter().any(|(known, ..)| *known == rest)
        {
            let known = SETTINGS.iter().map(|(known, ..)| *known).collect::<Vec<_>>();
            stop(&format!("{name} is not a setting; after {PREFIX} comes one of {}", known.join(", ")));
        }
    }
    // rustc would say that there is no unwinding without std, but not who asks for it.
    println!("cargo::rerun-if-env-changed=CARGO_PROFILE_RELEASE_PANIC");
    if env::var("CARGO_PROFILE_RELEASE_PANIC").is_ok_and(|value| value == "unwind")
        && env::var("PROFILE").is_ok_and(|value| value == "release")
        && env::var_os("CARGO_FEATURE_BESIDE_TESTS").is_none()
    {
        stop("a program without std cannot unwind: set CARGO_PROFILE_RELEASE_PANIC=abort, or unset it");
    }
    let mut values = vec![
        ("VERSION", env::var("CARGO_PKG_VERSION").unwrap_or_default()),
        ("TARGET", env::var("TARGET").unwrap_or_default()),
    ];
    for (name, default, kind) in SETTINGS {
        let variable = format!("{PREFIX}{name}");
        println!("cargo::rerun-if-env-changed={variable}");
        let mut value = match env::var(&variable) {
            Ok(value) => value,
            Err(env::VarError::NotPresent) => (*default).to_string(),
            Err(env::VarError::NotUnicode(_)) => stop(&format!("{variable} is not UTF-8")),
        };
        if let Err(reason) = check(&value, kind) {
            stop(&format!("{variable}={value}: {reason}"));
        }
        if *name == "COMMIT" && value.is_empty() {
            value = commit().unwrap_or_else(|| "unknown".to_string());
        }
        println!("cargo::rustc-env={variable}={value}");
        values.push((name, value));
    }
    // The fifth step, each being four times as large as the one before.
    let first =
        values.iter().find(|(name, _)| *name == "FIRST_STEP").and_then(|(_, value)| value.parse::<usize>().ok());
    let last = (first.unwrap_or_default() << 8).to_string();
    println!("cargo::rustc-env=PROCLINE_LAST_STEP={last}");
    println!("cargo::rustc-env=PROCLINE_TARGET={}", env::var("TARGET").unwrap_or_default());
    values.push(("LAST_STEP", last));
    for file in ["version.txt"] {
        if let Err(error) = fill_in(file, &values) {
            stop(&format!("src/{file}: {error}"));
        }
    }
    #[cfg(feature = "show")]
    match deflate("show/families.txt") {
        Ok(bytes) => println!("cargo::rustc-env=PROCLINE_FAMILIES={bytes}"),
        Err(error) => stop(&format!("src/show/families.txt: {error}")),
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// Deflates a file of `src/`; the bytes that it has.
#[cfg(feature = "show")]
fn deflate(file: &str) -> io::Result<usize> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let path = Path::new(&root).join("src").join(file);
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read(&path)?;
    let name = path.with_extension("deflate").file_name().map(Path::new).map(|name| Path::new(&out).join(name));
    fs::write(name.unwrap_or_default(), miniz_oxide::deflate::compress_to_vec(&text, 10))?;
    Ok(text.len())
}

/// Puts the values into a text of `src/`.
fn fill_in(file: &str, values: &[(&str, String)]) -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let path = Path::new(&root).join("src").join(file);
    println!("cargo::rerun-if-changed={}", path.display());
    let text = values
        .iter()
        .fold(fs::read_to_string(path)?, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    fs::write(Path::new(&out).join(file), text)
}

fn check(value: &str, kind: &Kind) -> Result<(), String> {
    if value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("has a control character".to_string());
    }
    match kind {
        Kind::Folder if !value.starts_with('/') => Err("must name a folder, from / on".to_string()),
        Kind::Folder if value.len() > 150 => Err("is longer than 150 bytes".to_string()),
        Kind::NamePart if value.contains('/') => Err("is a part of a file's name, so it has no '/'".to_string()),
        Kind::NamePart if value.len() > 40 => Err("is longer than 40 bytes".to_string()),
        Kind::Bytes(least, most) => match value.parse::<usize>() {
            Ok(bytes) if (*least..=*most).contains(&bytes) && !value.starts_with('+') => Ok(()),
            _ => Err(format!("must be a number of bytes from {least} to {most}")),
        },
        _ => Ok(()),
    }
}

/// The commit that is built, if this folder is the top of a git checkout (a tarball unpacked
/// inside another project's checkout is not).
fn commit() -> Option<String> {
    let root = env::var("CARGO_MANIFEST_DIR").ok()?;
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(&root).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_string())
    };
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&root).canonicalize().ok()? {
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        let path = Path::new(&root).join(git(&["rev-parse", "--git-path", file])?);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn stop(message: &str) -> ! {
    println!("cargo::error={message}");
    process::exit(1);
}
